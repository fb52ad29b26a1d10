"""The ROS 2 shell; the only room that knows rclpy."""

import os

# The only matrix products are [N,3] by [3,3]. Once another process keeps a core busy, OpenBLAS's threads wait for each
# other and make them five times slower (KITTI on two cores: 8 of 30 clouds lost). Must be set before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
