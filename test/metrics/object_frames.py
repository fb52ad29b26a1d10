"""Frames of points with true and predicted objects, drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np

UNKNOWN, IGNORED = 254, 255
KINDS = ("crate", "boar", "tyre")


def random_frame(rng: np.random.Generator, points: int = 60, objects: int = 6) -> dict[str, Any]:
    """Arguments of ObjectMetrics.add but scene and stamp: few points, so that halves and tied scores are common."""
    target = rng.choice([0, 3, UNKNOWN, UNKNOWN, IGNORED], points).astype(np.uint8)
    instance = rng.integers(0, 6, points).astype(np.uint16)  # of known and ignored points too; 0 = none
    count = int(rng.integers(0, objects + 1))
    owner = rng.integers(-1, max(count, 1), points) if count else np.full(points, -1)
    follows = (instance > 0) & (instance <= count) & (rng.random(points) < 0.7)
    return {
        "target": target,
        "instance": instance,
        "distance": (instance * 11 + rng.uniform(0, 9, points)).astype(np.float32),
        "owner": np.where(follows, instance.astype(int) - 1, owner).astype(np.int32),
        "object_score": rng.choice([0.5, 0.9, 0.99, 0.999, 1.0], count).astype(np.float32),
        "facts": {i: {"kind": KINDS[i % 3], "family": "thing"} for i in (1, 2, 3, 4)},
    }


def nothing(**changed: Any) -> dict[str, Any]:
    """A frame of no points and no objects, but for what is given."""
    return {
        "target": np.zeros(0, np.uint8),
        "instance": np.zeros(0, np.uint16),
        "distance": np.zeros(0, np.float32),
        "owner": np.zeros(0, np.int32),
        "object_score": np.zeros(0, np.float32),
        "facts": {},
        **changed,
    }


def one_object(covered: int, of: int, metres: float = 20.0, score: float = 0.9, instance: int = 7) -> dict[str, Any]:
    """A frame of one true object, the first `covered` of whose points belong to the only predicted one."""
    return nothing(
        target=np.full(of, UNKNOWN, np.uint8),
        instance=np.full(of, instance, np.uint16),
        distance=np.full(of, metres, np.float32),
        owner=np.where(np.arange(of) < covered, 0, -1).astype(np.int32),
        object_score=np.array([score], np.float32),
    )
