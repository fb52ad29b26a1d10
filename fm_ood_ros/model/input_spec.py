"""What a model's input looks like: its size, the frame that it sees, and the bounds of its channels."""

from __future__ import annotations

from dataclasses import dataclass

FRAMES = ("mount", "lidar")


@dataclass(frozen=True)
class InputSpec:
    """The manifest's `input`."""

    size: tuple[int, int]
    elevation: tuple[float, float]
    frame: str
    range: tuple[float, float]
    height: tuple[float, float]
    intensity: float
