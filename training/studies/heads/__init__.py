"""Heads on frozen features: one setting after another in seconds, on the features of a trained network.

What a setting does to the streams is not seen here; that takes whole trainings (training.studies.comparison).
"""
