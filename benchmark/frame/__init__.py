"""One frame from its messages to its messages: where time and memory go, and how they grow with the cloud."""
