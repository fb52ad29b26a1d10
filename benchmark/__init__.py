"""Measurements of this machine, as ratios taken in one run: `python -m benchmark`."""
