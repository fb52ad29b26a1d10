"""Data sets as frames, one layout a file."""
