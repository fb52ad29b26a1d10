"""A ROS domain of one's own, so that test runs on one machine do not hear each other."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOMAINS = range(78, 100)  # above what robots and the demo use, below the operating system's ephemeral ports


@contextmanager
def claim_domain() -> Iterator[int]:
    """Locks a free domain among all processes of this machine."""
    start = os.getpid()
    for n in DOMAINS:
        domain = DOMAINS[(start + n) % len(DOMAINS)]
        with (Path(tempfile.gettempdir()) / f"fm_ood_ros_domain_{domain}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield domain
            return
    raise RuntimeError("all ROS domains are in use by other test runs; wait until one has ended")
