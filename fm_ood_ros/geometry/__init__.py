"""Lens, pose, mount and view: from points to the pixels that see them."""
