"""On-site calibration: what is usual on one's own rig, from its unlabelled recordings; knows no ROS."""
