"""Rates, ages, times and messages held back: what a node knows about itself; knows no ROS library."""
