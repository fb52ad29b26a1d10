"""What a real image sensor and its lens add to a rendered picture."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simulation.look.weather import Weather

BANK = 6  # prepared pictures of noise and of rain
REFERENCE = 640 * 192  # pixels for which Weather.streaks counts
Size = tuple[int, int]
Floats = NDArray[np.float32]


class ImageSensor:
    """Exposure, tint, noise, rain streaks and dirt of one camera in one recording; size: height and width."""

    def __init__(self, size: Size, weather: Weather, rng: np.random.Generator) -> None:
        self._size, self._weather, self._rng = size, weather, rng
        gain, gamma, tint = rng.uniform(0.85, 1.15), rng.uniform(0.85, 1.12), rng.uniform(0.96, 1.04, 3)
        levels = np.arange(256) / 255
        self._curve = (255 * (weather.exposure * gain * levels[:, None] ** gamma * tint)).astype(np.float32)[None]
        self._strength = np.float32(weather.noise * rng.uniform(0.5, 1.5))
        self._dirt = _dirt(size, rng) if rng.random() < weather.dirt else None

    def expose(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image as the sensor would give it."""
        noisy: Floats = np.asarray(cv2.LUT(image, self._curve), np.float32)
        if self._dirt is not None:
            clear, veil = self._dirt
            noisy *= clear
            noisy += veil
        noise = self._drawn(_noise_bank(self._size))
        noise *= self._strength
        noisy += noise
        if self._weather.streaks:
            streaks = self._drawn(_rain_bank(self._size, self._weather.streaks))
            noisy *= 1 - 0.4 * streaks
            noisy += 85 * streaks
        return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)

    def _drawn(self, bank: Floats) -> Floats:
        """A copy of one of the prepared pictures, shifted at random."""
        picture = bank[self._rng.integers(len(bank))]
        shift = int(self._rng.integers(0, self._size[0])), int(self._rng.integers(0, self._size[1]))
        return np.roll(picture, shift, (0, 1))


@cache
def _noise_bank(size: Size) -> Floats:
    """Noise pictures [BANK,H,W,3] of unit strength, made once a process: grey and a little colour."""
    rng = np.random.default_rng(0)
    gray = rng.standard_normal((BANK, *size, 1), np.float32)
    return gray + np.float32(0.6) * rng.standard_normal((BANK, *size, 3), np.float32)


@cache
def _rain_bank(size: Size, count: int) -> Floats:
    """Streaks [BANK,H,W,1] between 0 and 1: near drops long and bright, far ones short and faint, all blown one way."""
    rng, (height, width) = np.random.default_rng(1), size
    bank = np.zeros((BANK, *size), np.float32)
    for picture in bank:
        slant = rng.uniform(-0.25, 0.25)
        for _ in range(round(count * height * width / REFERENCE)):
            nearness = float(rng.beta(1, 3))
            x, y, length = rng.uniform(0, width), rng.uniform(-10, height), 4 + 22 * nearness
            start, end = (round(x), round(y)), (round(x + slant * length), round(y + length))
            cv2.line(picture, start, end, 0.35 + 0.65 * nearness, 1 + int(nearness > 0.6), cv2.LINE_AA)
    soft = [cv2.GaussianBlur(picture, (3, 3), 0.5) for picture in bank]
    return np.asarray(np.stack(soft)[..., None], np.float32)


def _dirt(size: Size, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """What specks and drops on the lens let through [H,W,1], and their own light [H,W,3]; far out of focus."""
    height, width = size
    veil = np.zeros(size, np.float32)
    for _ in range(int(rng.integers(3, 12))):
        centre = int(rng.integers(0, width)), int(rng.integers(0, height))
        radii = tuple(int(v) for v in width * rng.uniform(0.006, 0.03, 2))
        cv2.ellipse(veil, centre, radii, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.2, 0.65)), -1)
    blur = width * float(rng.uniform(0.004, 0.01))
    veil = np.asarray(cv2.GaussianBlur(veil, (0, 0), blur), np.float32)[..., None]
    color = rng.uniform(40, 130) * np.array([1.0, rng.uniform(0.9, 1), rng.uniform(0.75, 0.95)], np.float32)
    return 1 - veil, (veil * color).astype(np.float32)
