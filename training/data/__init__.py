"""Data sets, augmentation and training samples."""
