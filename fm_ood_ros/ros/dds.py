"""Fast DDS settings without which clouds and images get lost between processes."""

from __future__ import annotations

import os
from pathlib import Path

PROFILE = Path(__file__).with_name("fastdds_profile.xml")
VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")  # up to Jazzy, from Kilted on


def use_large_message_profile() -> None:
    """Sets the shipped profile for this process unless the user has set one; call it before rclpy.init."""
    if not any(os.environ.get(name) for name in VARIABLES):
        os.environ.update(dict.fromkeys(VARIABLES, str(PROFILE)))
