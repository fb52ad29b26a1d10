"""Many trainings beside each other."""
