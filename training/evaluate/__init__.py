"""What a network is worth: scores, counts, tables, pictures."""
