"""The camera's current calibration, or why there is none."""

from __future__ import annotations

from typing import Any

import numpy as np

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.camera_info import lens_of, rectification_doubt, same_info
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.pairing.worker import Refused
from fm_ood_ros.ros.extrinsics import fixed_calibration
from fm_ood_ros.ros.parameters import NodeParameters


class Camera:
    """Follows camera_info; a calibration file takes its place, and camera_info then only serves as a check.

    calibration: None as long as there is none; cause: under which clouds are then counted
    trouble: one sentence on what is wrong, "" when nothing is
    image: topic of the images, whose name may say that they are rectified

    Raises CalibrationError when the extrinsics are missing or wrong.
    """

    def __init__(self, parameters: NodeParameters, image: str = "") -> None:
        self._T, fixed = fixed_calibration(parameters)
        self._rectified = parameters.rectified
        self._image = image
        self._info: Any = None
        self.needs_info = fixed is None
        self.calibration = fixed
        self.cause = "no_camera_info"
        self.trouble = rectification_doubt(image, fixed.lens) if fixed else ""

    def update(self, info: Any) -> None:
        """Takes a CameraInfo."""
        if same_info(info, self._info):
            return
        self._info = info
        try:
            lens = lens_of(info, self._rectified)
        except CalibrationError as error:
            self._refuse(str(error))
            return
        if self.needs_info:
            self.calibration = Calibration(lens, self._T)
        assert self.calibration is not None
        used = self.calibration.lens
        self.trouble = rectification_doubt(self._image, used) or _disagreement(used, lens)

    def current(self) -> Calibration:
        """The calibration for the next pair; raises Refused while there is none."""
        if self.calibration is None:
            raise Refused(self.cause, self.trouble or "no camera_info has come; check its topic")
        return self.calibration

    def _refuse(self, reason: str) -> None:
        self.trouble = f"camera_info refused: {reason}"
        if self.needs_info:
            self.calibration, self.cause = None, "camera_info_refused"


def _disagreement(file: Lens, info: Lens) -> str:
    if (file.width, file.height) == (info.width, info.height) and np.abs(file.K - info.K).max() <= 1.0:
        return ""
    return (
        f"camera_info ({info.width}x{info.height}, f = {info.K[0, 0]:.1f}) disagrees with the calibration file "
        f"({file.width}x{file.height}, f = {file.K[0, 0]:.1f}), which is used; correct one of them"
    )
