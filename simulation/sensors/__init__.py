"""What the vehicle sees with."""
