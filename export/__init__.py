"""From a training run to a model bundle for the vehicle."""
