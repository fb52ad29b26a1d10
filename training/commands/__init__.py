"""Commands of `python -m training` that are one file each."""
