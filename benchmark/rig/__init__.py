"""The same street on another rig: do the verdicts stay."""
