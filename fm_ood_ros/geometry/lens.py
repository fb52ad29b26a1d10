"""How a camera sees: from points before it to pixels of its raw or rectified image."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.distortion import MODELS, canonical, equidistant
from fm_ood_ros.geometry.field import field_of
from fm_ood_ros.geometry.pose import is_rotation

Array = NDArray[np.float64]
MIN_DEPTH = 1e-6  # metres


@dataclass(frozen=True)
class Lens:
    """Intrinsics of one image.

    K: [3,3] float64, pixels, its skew included; width, height: of the image, pixels
    model: plumb_bob, rational_polynomial, equidistant or a name that means one of them (see distortion.py)
    distortion: its coefficients, empty for none
    R: [3,3] float64, what rectifying turned the optical frame by; identity for raw images
    field: degrees off axis at which the lens model ends; rays from there on have no pixel

    Raises CalibrationError when a value is impossible (K[0] == 0 is ROS's mark of an uncalibrated camera).
    """

    K: NDArray[np.float64]
    width: int
    height: int
    model: str = "plumb_bob"
    distortion: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.zeros(0))
    R: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.eye(3))
    field: float = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        model, distortion = canonical(self.model, np.asarray(self.distortion, np.float64).reshape(-1))
        object.__setattr__(self, "K", _matrix(self.K, "K"))
        object.__setattr__(self, "R", _matrix(self.R, "R"))
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "distortion", distortion)
        self._check()
        object.__setattr__(self, "field", field_of(model, distortion))

    @property
    def bends(self) -> bool:
        """Whether straight lines come out bent: the image is a raw one of a lens that distorts."""
        return self.model == "equidistant" or bool(self.distortion.any())

    def _check(self) -> None:
        if self.K[0, 0] <= 0 or self.K[1, 1] <= 0:
            raise CalibrationError(
                f"focal lengths are {self.K[0, 0]:g} and {self.K[1, 1]:g}, expected positive pixels; "
                "the camera is not calibrated: calibrate it and publish its camera_info"
            )
        if self.width <= 0 or self.height <= 0:
            raise CalibrationError(
                f"image size is {self.width}x{self.height}, expected positive pixels; set it in camera_info"
            )
        if not is_rotation(self.R):
            raise CalibrationError(
                f"R is {self.R.tolist()}, expected the rotation that rectified the image; calibrate the camera anew"
            )

    def project(self, xyz: NDArray[np.floating]) -> NDArray[np.float64]:
        """Pixels [N,2] of points [N,3] in the optical frame (x right, y down, z forward, metres).

        NaN for what a pinhole has behind it and where the lens model has ended (see field); a fisheye sees
        points beside and behind it as well (z <= 0).
        """
        uv = np.full((len(xyz), 2), np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            rays = self.R @ np.asarray(xyz, np.float64).T
            seen = np.flatnonzero(self._sees(*rays))
        x, y = self._bend(*rays[:, seen])
        uv[seen, 0] = self.K[0, 0] * x + self.K[0, 1] * y + self.K[0, 2]
        uv[seen, 1] = self.K[1, 1] * y + self.K[1, 2]
        return uv

    def _sees(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        r2 = x * x + y * y
        if self.model == "equidistant":
            distance = np.sqrt(r2 + z * z)
            inside = z > distance * np.cos(np.radians(self.field))
            return np.asarray((distance > MIN_DEPTH) & np.isfinite(distance) & inside)
        return np.asarray((z > MIN_DEPTH) & (r2 < (z * np.tan(np.radians(self.field))) ** 2))

    def _bend(self, x: Array, y: Array, z: Array) -> tuple[Array, Array]:
        """Where the image plane at unit focal length shows rays."""
        if self.model == "equidistant":
            return equidistant(x, y, self.distortion, z)
        return MODELS[self.model](x / z, y / z, self.distortion) if self.bends else (x / z, y / z)

    def same_as(self, other: Lens) -> bool:
        """Whether the other sees every point at the same pixel."""
        plain = (self.width, self.height, self.model) == (other.width, other.height, other.model)
        arrays = ((self.K, other.K), (self.distortion, other.distortion), (self.R, other.R))
        return self is other or (plain and all(np.array_equal(mine, its) for mine, its in arrays))

    def mirrored(self) -> Lens:
        """The lens of the left-right mirrored image."""
        K = self.K.copy()
        K[0, 2] = self.width - 1 - K[0, 2]
        K[0, 1] = -K[0, 1]
        odd = np.array([3, 8, 9, 13])  # p2, s1, s2 and the tilt about y
        distortion = self.distortion.copy()
        if self.model != "equidistant":
            distortion[odd[odd < len(distortion)]] *= -1
        flip = np.diag([-1.0, 1, 1])
        return replace(self, K=K, distortion=distortion, R=flip @ self.R @ flip)


def _matrix(value: ArrayLike, name: str) -> NDArray[np.float64]:
    matrix = np.asarray(value, np.float64)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise CalibrationError(f"{name} is {matrix.shape}, expected (3, 3) finite numbers; correct the calibration")
    return matrix
