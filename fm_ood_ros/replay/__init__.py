"""Recordings: what is in a bag, and what the node made of it. Knows rosbags, never rclpy."""
