"""The built-in driving benchmark: streets, sensors and unknown objects; writes data sets and bags."""

import os

VERSION = "2"

os.environ.setdefault("MUJOCO_GL", "egl")  # read when mujoco is imported: draws without a screen
os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa: one process per core draws faster than threads
