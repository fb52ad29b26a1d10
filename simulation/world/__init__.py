"""The street itself: its plan, its ground, and what is built beside it."""
