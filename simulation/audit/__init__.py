"""Whether simple cues give unknown objects away."""
