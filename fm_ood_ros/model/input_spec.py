"""What a model's input looks like: its size, the frame that it sees, and the bounds of its channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.fields import Fields

FRAMES = ("mount", "lidar")
LARGEST_SIZE = 8192


@dataclass(frozen=True)
class InputSpec:
    """The manifest's `input`.

    size: (H, W) of the camera image and of the LiDAR image
    elevation: lowest and highest of the training LiDAR, degrees; what the crop covers until it is measured
    frame: in which points enter, `mount` (below the camera on the ground) or `lidar` (as sent)
    range: nearest and farthest, metres; height: lowest and highest over the ground, metres
    intensity: largest, after scaling

    Raises FieldError where a pair does not rise or a bound leaves nothing.
    """

    size: tuple[int, int]
    elevation: tuple[float, float]
    frame: str
    range: tuple[float, float]
    height: tuple[float, float]
    intensity: float

    def __post_init__(self) -> None:
        if self.frame not in FRAMES:
            raise FieldError(f"'input.frame' is {self.frame!a}, expected one of {list(FRAMES)}")
        pairs = {"elevation": self.elevation, "limits.range": self.range, "limits.height": self.height}
        for name, (low, high) in pairs.items():
            if not low < high:
                raise FieldError(f"'input.{name}' is [{low:g}, {high:g}], expected the lower value first")
        if not self.intensity > 0:
            raise FieldError(f"'input.limits.intensity' is {self.intensity:g}, expected more than 0")

    @classmethod
    def from_dict(cls, data: object) -> InputSpec:
        """From what to_dict gives; raises FieldError."""
        spec = Fields(data, "input")
        limits = spec.object("limits")
        return cls(
            size=(spec.integer("height", 1, LARGEST_SIZE), spec.integer("width", 1, LARGEST_SIZE)),
            elevation=_pair(spec.numbers("elevation", -90, 90, count=2)),
            frame=spec.text("frame"),
            range=_pair(limits.numbers("range", 0, count=2)),
            height=_pair(limits.numbers("height", count=2)),
            intensity=limits.number("intensity"),
        )

    def to_dict(self) -> dict[str, Any]:
        """The manifest's `input`."""
        limits = {"range": list(self.range), "height": list(self.height), "intensity": self.intensity}
        height, width = self.size
        elevation = list(self.elevation)
        return {"height": height, "width": width, "elevation": elevation, "frame": self.frame, "limits": limits}


def _pair(values: list[float]) -> tuple[float, float]:
    low, high = values
    return low, high
