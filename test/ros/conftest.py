"""Real middleware, real processes: each test session in its own ROS domain."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundles import make_tiny_bundle
from ros_domain import claim_domain


@pytest.fixture(scope="session", autouse=True)
def ros_domain() -> Iterator[int]:
    with claim_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
        yield domain


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bundle(tmp_path_factory.mktemp("models") / "tiny", frame="lidar")  # classes by the LiDAR's own z
