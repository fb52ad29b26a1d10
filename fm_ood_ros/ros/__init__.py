"""The ROS 2 shell; the only room that knows rclpy."""
