"""The commands of `python -m simulation`: each module adds its parser and runs it."""
