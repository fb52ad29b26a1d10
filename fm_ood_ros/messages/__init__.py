"""PointCloud2 and Image as arrays; knows no ROS library."""
