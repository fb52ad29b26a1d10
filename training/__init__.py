"""Training of late-fusion networks with outlier synthesis; used from a checkout, never on the vehicle."""
