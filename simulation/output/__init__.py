"""Data sets, bags and sheets of what the sensors saw."""
