"""Procedural textures, [H,W,3] uint8; made once per process and picked by seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Texture = NDArray[np.uint8]
VARIANTS = 16
FACADES = (
    (190, 175, 150), (150, 75, 60), (210, 205, 195), (120, 120, 125), (165, 140, 110), (90, 95, 105), (200, 180, 120),
)  # fmt: skip
LEAVES = ((50, 95, 35), (80, 110, 40), (120, 105, 40), (140, 80, 30), (35, 70, 40))
GRASSES = ((70, 105, 40), (120, 110, 60), (95, 80, 60))


def value_noise(rng: np.random.Generator, n: int, octaves: int = 5) -> NDArray[np.float64]:
    """Smooth tileable noise [n,n] with unit deviation."""
    total = np.zeros((n, n))
    for octave in range(octaves):
        m = 2 ** (octave + 2)
        grid = np.pad(rng.standard_normal((m, m)), ((0, 1), (0, 1)), mode="wrap")
        at = np.arange(n) * m / n
        i = at.astype(int)
        f = (at - i) ** 2 * (3 - 2 * (at - i))
        rows = grid[i] * (1 - f)[:, None] + grid[i + 1] * f[:, None]
        total += 0.55**octave * (rows[:, i] * (1 - f) + rows[:, i + 1] * f)
    return np.asarray(total / total.std())


def _bytes(texture: NDArray[np.float64]) -> Texture:
    return np.clip(texture, 0, 255).astype(np.uint8)


def _mottled(color: tuple[float, ...], n: int, amount: float, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(color, float) * (1 + amount * value_noise(rng, n)[..., None])


def asphalt(rng: np.random.Generator) -> Texture:
    """Road surface with wheel tracks and patches."""
    gray = rng.uniform(55, 110) * (1 + 0.06 * value_noise(rng, 256)) + rng.normal(0, 6, (256, 256))
    for x in rng.integers(0, 244, 3):
        gray[:, x : x + 12] *= 0.93
    for x, y in rng.integers(0, 200, (2, 2)):
        gray[y : y + rng.integers(20, 56), x : x + rng.integers(15, 40)] *= rng.uniform(0.75, 0.92)
    return _bytes(gray[..., None] * np.array([1, rng.uniform(0.97, 1), rng.uniform(0.96, 1.05)]))


def paving(rng: np.random.Generator) -> Texture:
    """Slabs of a sidewalk."""
    color = rng.uniform(120, 190) * np.array([1, rng.uniform(0.92, 1), rng.uniform(0.85, 1)])
    texture = _mottled(tuple(color), 256, 0.05, rng)
    step = int(rng.choice([16, 32, 64]))
    texture[::step] *= 0.78
    texture[:, ::step] *= 0.78
    return _bytes(texture)


def grass(rng: np.random.Generator) -> Texture:
    """Meadow, dry grass or soil."""
    texture = _mottled(GRASSES[rng.integers(len(GRASSES))], 256, 0.18, rng)
    return _bytes(texture * (1 + rng.normal(0, 0.12, (256, 256, 1))))


def leaves(rng: np.random.Generator) -> Texture:
    """Foliage in the colours of the year."""
    texture = _mottled(LEAVES[rng.choice(len(LEAVES), p=[0.35, 0.3, 0.12, 0.08, 0.15])], 128, 0.25, rng)
    speckle = rng.normal(0, 0.3, (32, 32, 1)).repeat(4, 0).repeat(4, 1)
    return _bytes(texture * (1 + speckle))


def bark(rng: np.random.Generator) -> Texture:
    """Trunks."""
    texture = _mottled(((85, 65, 45), (85, 65, 45), (175, 170, 160))[rng.integers(3)], 64, 0.2, rng)
    texture[rng.integers(0, 64, 9)] *= 0.6
    return _bytes(texture)


def facade(rng: np.random.Generator) -> Texture:
    """A wall with rows of windows."""
    n = 256
    wall = _mottled(FACADES[rng.integers(len(FACADES))], n, 0.05, rng)
    if rng.random() < 0.4:
        wall[::8] *= 0.85
        wall[:, ::16] *= 0.9
    k = int(rng.choice([2, 3, 4]))
    s = n // k
    margin_x, margin_y = int(s * rng.uniform(0.18, 0.28)), int(s * rng.uniform(0.18, 0.26))
    frame = rng.choice([0.6, 1.3])
    for row in range(k):
        for column in range(k):
            y0, y1 = row * s + margin_y, (row + 1) * s - margin_y
            x0, x1 = column * s + margin_x, (column + 1) * s - margin_x
            wall[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] *= frame
            glass = np.array([230.0, 200, 130]) if rng.random() < 0.08 else np.array([60.0, 75, 95])
            wall[y0:y1, x0:x1] = glass * rng.uniform(0.6, 1.5) * np.linspace(1.3, 0.7, y1 - y0)[:, None, None]
            wall[y0:y1, (x0 + x1) // 2 - 1 : (x0 + x1) // 2 + 1] *= 1.5
    return _bytes(wall)


def plaster(rng: np.random.Generator) -> Texture:
    """A wall without windows, plain or of bricks."""
    wall = _mottled(FACADES[rng.integers(len(FACADES))], 128, 0.06, rng)
    if rng.random() < 0.5:
        wall[::8] *= 0.82
        wall[:, ::16] *= 0.9
    return _bytes(wall)


def planks(rng: np.random.Generator) -> Texture:
    """Boards of fences, crates and benches."""
    texture = _mottled((rng.uniform(90, 150), rng.uniform(70, 110), rng.uniform(45, 80)), 128, 0.12, rng)
    texture[:, :: int(rng.choice([16, 32]))] *= 0.6
    return _bytes(texture)


@cache
def _variant(make: Callable[[np.random.Generator], Texture], index: int) -> Texture:
    return make(np.random.default_rng(7919 * index + len(make.__name__)))


def pick(make: Callable[[np.random.Generator], Texture], rng: np.random.Generator) -> Texture:
    """One of a kind's variants in a random tint."""
    base = _variant(make, int(rng.integers(VARIANTS)))
    table = _bytes(np.arange(256)[:, None] * rng.uniform(0.82, 1.15) * rng.uniform(0.94, 1.06, 3))
    return np.asarray(cv2.LUT(base, table[None]), np.uint8)


Color = tuple[int, int, int]


@cache
def sky(top: Color, horizon: Color, cloud: Color, cover: float, seed: int) -> Texture:
    """Six faces of a sky box [6*n,n,3]: a gradient with clouds."""
    rng, n = np.random.default_rng(seed), 128
    high, low, white = (np.array(c, float) for c in (top, horizon, cloud))
    faces = []
    for face in range(6):
        if face in (2, 3):
            base = np.broadcast_to(high if face == 2 else low * 0.6, (n, n, 3))
        else:
            v = np.clip(1 - np.arange(n) / (n / 2), 0, 1)[:, None, None] ** 0.7
            base = np.broadcast_to(low * (1 - v) + high * v, (n, n, 3))
        veil = np.clip(value_noise(rng, n) * 0.5 - 0.1, 0, 1)[..., None] * cover
        faces.append(base * (1 - veil) + white * veil)
    return _bytes(np.concatenate(faces))
