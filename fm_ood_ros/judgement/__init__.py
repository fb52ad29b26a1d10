"""From the network's logits back to the points."""
