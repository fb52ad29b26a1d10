"""From the network's maps back to the points."""
