"""The way of a cloud from its arrival to the thread that judges it; knows no ROS library."""
