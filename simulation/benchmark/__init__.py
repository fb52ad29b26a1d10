"""Street-OOD v1: what it consists of, how it is written, described and checked."""
