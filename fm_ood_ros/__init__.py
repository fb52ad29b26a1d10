"""Per-point semantic labels and anomaly scores from a camera and a LiDAR."""

__version__ = "0.1.0"
