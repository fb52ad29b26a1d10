"""What the last clouds said about the rig: points in view, mount, intensity; and what looks wrong about it."""

from __future__ import annotations

from collections import deque

import numpy as np

from fm_ood_ros.frame import Frame
from fm_ood_ros.prediction import Prediction
from fm_ood_ros.rig import Rig

CLOUDS = 10  # over which the share of points in view is taken
PLAUSIBLE = 0.02  # share of a cloud's points below which a camera hardly looks where the LiDAR does
FEWEST = 50  # points in view


class RigCondition:
    """Notes after every judged cloud; read from another thread, so that each value is replaced as a whole."""

    def __init__(self) -> None:
        self._shares: deque[tuple[float, float]] = deque(maxlen=CLOUDS)
        self.values: dict[str, str] = {}
        self.trouble = ""

    def note(self, rig: Rig, frame: Frame, prediction: Prediction, image: str = "") -> None:
        """Takes a judged frame; image: what its decoder found out."""
        seen = int(np.count_nonzero(prediction.in_view))
        sums = frame.points[:, :3].sum(1)
        returned = int(np.count_nonzero(np.isfinite(sums) & (sums != 0)))
        self._shares.append((seen / max(1, returned), float(seen)))
        share, points = np.median(self._shares, axis=0)
        values = {"points.in_view_share": f"{share:.3f}", "points.in_view": f"{points:.0f}"}
        values["rig.intensity"] = str(rig.intensity)
        for index, camera in enumerate(rig.cameras):
            values[f"rig.mount.{index}"], values[f"rig.crop.{index}"] = str(camera.mount), camera.crop_text
        if image:
            values["rig.image"] = image
        self.trouble = _view_trouble(share, points) or _mount_trouble(rig) or _intensity_trouble(rig)
        self.values = {**values, "rig.trouble": self.trouble}


def _view_trouble(share: float, points: float) -> str:
    if share >= PLAUSIBLE and points >= FEWEST:
        return ""
    return (
        f"only {points:.0f} points ({share:.1%} of a cloud) are in the camera's view; check the extrinsics: their "
        "direction (they take LiDAR points into the camera's optical frame, z forward), and whose camera_info comes"
    )


def _mount_trouble(rig: Rig) -> str:
    for camera in rig.cameras:
        if camera.mount is not None and camera.ground_missed:
            missed = f"no ground was found in {camera.ground_missed} clouds"
            return f"{missed}: {camera.mount}; check the extrinsics or set mount"
    return ""


def _intensity_trouble(rig: Rig) -> str:
    return "" if rig.intensity.scale else f"{rig.intensity}; verdicts are worse than with it"
