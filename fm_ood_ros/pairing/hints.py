"""What cures a drop: per cause, the parameter to set, with its value where that was measured."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from fm_ood_ros.pairing.synchroniser import (
    CLOCKS_DIFFER,
    CLOUD_LATE,
    IMAGE_LATE,
    NO_IMAGE,
    QUEUE_FULL,
    SECOND,
    Synchroniser,
)
from fm_ood_ros.pairing.worker import SUPERSEDED

MARGIN = 1.1  # a parameter set to just what was measured fails at the next jitter
LONG = 1.0  # seconds of lateness that a clock astray explains as well


def hints(synchroniser: Synchroniser[Any, Any]) -> dict[str, str]:
    """A sentence per cause of a drop."""
    settings = synchroniser.settings
    return {
        NO_IMAGE: _no_image(synchroniser),
        IMAGE_LATE: late_images(synchroniser),
        CLOUD_LATE: _late_clouds(synchroniser.lateness / SECOND),
        CLOCKS_DIFFER: (
            f"the clocks of camera and LiDAR differ by {synchroniser.clock_difference / SECOND:+.0f} s; synchronise "
            "them (PTP or NTP), or let both drivers stamp with the host's clock"
        ),
        QUEUE_FULL: f"more than {settings.queue_size} clouds waited for images; raise sync_queue_size",
        SUPERSEDED: (
            "the model is slower than the LiDAR; take a faster engine, or raise max_pending where every cloud of a "
            "recording is to be judged"
        ),
    }


def late_images(synchroniser: Synchroniser[Any, Any]) -> str:
    """How long the nearest images were under way, and the max_wait that would have caught them."""
    if not synchroniser.misses.waits:
        return f"the right image came after max_wait of {synchroniser.settings.max_wait:g} s; raise max_wait"
    wait = _high(synchroniser.misses.waits)
    return f"the right image came {wait * 1e3:.0f} ms after the cloud; set max_wait to {_above(wait)}{_doubt(wait)}"


def _late_clouds(seconds: float) -> str:
    return (
        f"the cloud came {seconds * 1e3:.0f} ms after the images of its time, which were gone; set image_memory to "
        f"{_above(seconds)}{_doubt(seconds)}"
    )


def _no_image(synchroniser: Synchroniser[Any, Any]) -> str:
    settings, gaps = synchroniser.settings, sorted(synchroniser.misses.gaps)
    if not gaps:
        return f"no image of that time came within max_wait of {settings.max_wait:g} s; check the camera's rate"
    median = gaps[len(gaps) // 2]
    if gaps[-1] - gaps[0] <= 2 * settings.tolerance:
        offset = (settings.image_offset + median) / SECOND
        return f"the nearest image is {median / 1e6:+.1f} ms off, always; set image_offset to {offset:.3f}"
    widest = _high([abs(gap) / SECOND for gap in gaps])
    return (
        f"the nearest images are {gaps[0] / 1e6:+.1f} to {gaps[-1] / 1e6:+.1f} ms off; set sync_tolerance to "
        f"{_above(widest)}, or let the LiDAR trigger the camera"
    )


def _high(values: Iterable[float]) -> float:
    """What all but one in twenty stay below."""
    ordered = sorted(values)
    return ordered[ceil(0.95 * len(ordered)) - 1]


def _above(seconds: float) -> str:
    return f"{ceil(seconds * MARGIN * 100) / 100:.2f}"


def _doubt(seconds: float) -> str:
    return " if the clocks agree; else synchronise them" if seconds > LONG else ""
