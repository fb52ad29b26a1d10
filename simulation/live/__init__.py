"""A live source on ROS 2, named and typed as CARLA's ROS bridge does it; the one part of the simulator with rclpy."""
