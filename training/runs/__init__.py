"""The folder of a run: configuration, weights, log, and where they came from."""
