"""Plays a recording through the node over DDS, in real time, and records what the node says."""
