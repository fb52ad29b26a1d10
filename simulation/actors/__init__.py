"""What moves, and where there is room for it."""
