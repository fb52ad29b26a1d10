"""Pictures [H,W,3] uint8 that boards bear: of what a street shows anyway."""

from __future__ import annotations

import cv2
import numpy as np

from simulation.look import textures
from simulation.look.palette import CAR_COLORS, CAR_SHARES
from simulation.look.textures import Texture

SIZE = 128  # pixels


def street(rng: np.random.Generator) -> Texture:
    """A road running to the horizon under a sky, between two dark borders."""
    n, horizon = SIZE, int(rng.integers(40, 64))
    sky = np.linspace(0.75, 1.1, horizon)[:, None, None] * np.array([150.0, 180, 220]) * rng.uniform(0.6, 1.1)
    picture = np.zeros((n, n, 3))
    picture[:horizon] = np.clip(sky, 0, 255)
    picture[horizon:] = textures.pick(textures.grass, rng)[: n - horizon, :n]
    middle = int(rng.integers(50, 78))
    road = np.array([(middle - 3, horizon), (middle + 3, horizon), (n + 10, n), (-10, n)], np.int32)
    gray = rng.uniform(60, 110)
    cv2.fillPoly(picture, [road], (gray, gray, gray))
    for near, far in ((1.0, 0.72), (0.55, 0.4), (0.3, 0.2)):
        a, b = (horizon + share * (n - horizon) for share in (near, far))
        dash = [(middle - 3 * near, a), (middle + 3 * near, a), (middle + 3 * far, b), (middle - 3 * far, b)]
        cv2.fillPoly(picture, [np.array(dash, np.int32)], (215, 215, 205))
    for x in (0, n - 26):
        height = int(rng.integers(12, 30))
        picture[horizon - height : horizon, x : x + 26] = textures.pick(textures.leaves, rng)[:height, :26]
    return _grained(picture, rng)


def wall(rng: np.random.Generator) -> Texture:
    """A wall with or without windows."""
    return textures.pick(textures.facade if rng.random() < 0.5 else textures.plaster, rng)


def hedge(rng: np.random.Generator) -> Texture:
    """Foliage."""
    return textures.pick(textures.leaves, rng)


def car(rng: np.random.Generator) -> Texture:
    """The rear of a car on asphalt before a wall."""
    n = SIZE
    picture = textures.pick(textures.plaster, rng)[:n, :n].astype(float)
    picture[96:] = textures.pick(textures.asphalt, rng)[: n - 96, :n]
    paint = 255 * np.array(CAR_COLORS[rng.choice(len(CAR_COLORS), p=CAR_SHARES)]) * rng.uniform(0.7, 1.1)
    cv2.ellipse(picture, (64, 114), (54, 6), 0, 0, 360, (30, 30, 32), -1)
    for x in (22, 92):
        cv2.rectangle(picture, (x, 94), (x + 14, 115), (18, 18, 20), -1)
    cabin = np.array([(34, 24), (94, 24), (108, 60), (20, 60)], np.int32)
    cv2.fillPoly(picture, [cabin], tuple(paint * 0.95))
    cv2.fillPoly(picture, [np.array([(40, 29), (88, 29), (98, 54), (30, 54)], np.int32)], (38, 44, 54))
    cv2.rectangle(picture, (13, 58), (115, 98), tuple(paint), -1)
    cv2.rectangle(picture, (13, 92), (115, 103), tuple(paint * 0.55), -1)
    for x in (15, 97):
        cv2.rectangle(picture, (x, 63), (x + 16, 73), (150, 14, 12), -1)
    cv2.rectangle(picture, (48, 79), (80, 88), (225, 225, 218), -1)
    return _grained(picture, rng)


def _grained(picture: np.ndarray, rng: np.random.Generator) -> Texture:
    grain = 1 + 0.05 * textures.value_noise(rng, SIZE)[..., None]
    return np.clip(picture * grain * rng.uniform(0.85, 1.1), 0, 255).astype(np.uint8)
