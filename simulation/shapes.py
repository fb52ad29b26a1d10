"""Meshes: lofted bodies, boxes with texture coordinates, lumpy balls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import trimesh
from numpy.typing import NDArray

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
Section = tuple[float, float, float, float, float]  # bottom, top, half width, squareness, tumblehome


def loft(stations: NDArray[np.floating], section: Callable[[float], Section], sides: int = 24) -> Mesh:
    """A closed body along x from superellipse sections; faces look outwards."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    rings = []
    for x in stations:
        bottom, top, width, square, tumble = section(float(x))
        z = bottom + (np.sign(s) * np.abs(s) ** square + 1) / 2 * (top - bottom)
        y = np.sign(c) * np.abs(c) ** square * width
        y = y * (1 - tumble * np.clip((z - bottom) / (top - bottom + 1e-6) - 0.5, 0, 1))
        rings.append(np.stack([np.full(sides, x), y, z], 1))
    vertices = np.concatenate([*rings, rings[0].mean(0, keepdims=True), rings[-1].mean(0, keepdims=True)])
    i, j = np.meshgrid(np.arange(len(rings) - 1), np.arange(sides), indexing="ij")
    a, b = (i * sides + j).ravel(), (i * sides + (j + 1) % sides).ravel()
    walls = np.concatenate([np.stack([a, b, b + sides], 1), np.stack([a, b + sides, a + sides], 1)])
    k, last, tip = np.arange(sides), (len(rings) - 1) * sides, len(rings) * sides
    front = np.stack([np.full(sides, tip), (k + 1) % sides, k], 1)
    back = np.stack([np.full(sides, tip + 1), last + k, last + (k + 1) % sides], 1)
    return vertices, np.concatenate([walls, front, back])


def textured_box(length: float, width: float, height: float, tile: float) -> tuple[NDArray[np.float64], list, list]:
    """Walls and roof of a house standing on z = 0: vertices, faces and texture coordinates."""
    x, y = length / 2, width / 2
    around = [(-x, -y), (x, -y), (x, y), (-x, y)]
    vertices, faces, uv = [], [], []
    for k in range(4):
        (x0, y0), (x1, y1) = around[k], around[(k + 1) % 4]
        across = max(1, round((length if k % 2 == 0 else width) / tile))
        up = max(1, round(height / tile))
        i = len(vertices)
        vertices += [(x0, y0, 0), (x1, y1, 0), (x1, y1, height), (x0, y0, height)]
        uv += [(0, 0), (across, 0), (across, up), (0, up)]
        faces += [(i, i + 1, i + 2), (i, i + 2, i + 3)]
    i = len(vertices)
    vertices += [(px, py, height) for px, py in around]
    uv += [(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)]
    faces += [(i, i + 1, i + 2), (i, i + 2, i + 3)]
    return np.array(vertices, float), faces, uv


def gable(length: float, width: float, height: float, rise: float) -> tuple[NDArray[np.float64], list]:
    """A pitched roof on z = height."""
    x, y, z = length / 2 + 0.3, width / 2 + 0.3, height
    vertices = [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z), (-x, 0, z + rise), (x, 0, z + rise)]
    return np.array(vertices), [(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5), (1, 2, 5), (3, 0, 4), (0, 2, 1), (0, 3, 2)]


def lump(rng: np.random.Generator, radii: NDArray[np.floating], roughness: float, detail: int = 2):  # noqa: ANN201
    """A lumpy ball: vertices, faces, texture coordinates."""
    ball = trimesh.creation.icosphere(subdivisions=detail)
    v = np.asarray(ball.vertices)
    swell = sum(np.sin(v @ rng.normal(0, f, 3) + rng.uniform(0, 6)) / f**0.6 for f in (2, 4, 7))
    uv = np.stack([np.arctan2(v[:, 1], v[:, 0]) / np.pi * 2, v[:, 2] * 2], 1)
    return v * (1 + roughness * swell[:, None]) * radii, np.asarray(ball.faces), uv
