"""Pedestrians and riders."""

from __future__ import annotations

import numpy as np

from simulation.palette import Palette
from simulation.world import Thing

PERSON = 30


def pedestrian(thing: Thing, palette: Palette) -> tuple[float, float]:
    """Somebody who stands or walks along x; returns length and width."""
    rng = palette.rng
    h = rng.choice([rng.uniform(0.88, 1.1), rng.uniform(0.6, 0.8)], p=[0.85, 0.15])
    shirt, trousers, skin, hair = palette.cloth(), palette.cloth(), palette.skin(), palette.plain()
    stride = rng.uniform(0, 0.28) * h
    for side in (1, -1):
        knee, ankle = side * stride * 0.6, side * stride - 0.05
        thing.rod((0, side * 0.09, 0.86 * h), (knee, side * 0.1, 0.45 * h), 0.075 * h, trousers)
        thing.rod((knee, side * 0.1, 0.45 * h), (ankle, side * 0.1, 0.08), 0.06 * h, trousers)
        thing.box((0.12, 0.045, 0.04), (side * stride, side * 0.1, 0.05), palette.rubber)
        elbow = (-knee, side * 0.27, 1.08 * h)
        thing.rod((0, side * 0.23, 1.36 * h), elbow, 0.05 * h, shirt)
        thing.rod(elbow, (-knee + 0.12, side * 0.26, 0.88 * h), 0.04 * h, skin)
    thing.ball((0.13, 0.21 * h, 0.33 * h), (0, 0, 1.13 * h), shirt)
    thing.ball((0.1, 0.085, 0.12), (0, 0, 1.58 * h), skin)
    thing.ball((0.105, 0.09, 0.1), (-0.02, 0, 1.63 * h), hair)
    if rng.random() < 0.3:
        thing.box((0.08, 0.14, 0.2), (-0.18, 0, 1.2 * h), palette.cloth())
    return 0.7, 0.7


def rider(thing: Thing, palette: Palette, seat: float, reach: float) -> None:
    """Somebody who sits on a two-wheeler's seat and holds its bars."""
    shirt, trousers, skin = palette.cloth(), palette.cloth(), palette.skin()
    hip, shoulder = np.array([-0.25, 0, seat + 0.05]), np.array([0.0, 0, seat + 0.55])
    thing.rod(hip, shoulder, 0.15, shirt)
    thing.ball((0.11, 0.1, 0.13), (0.08, 0, seat + 0.82), skin)
    thing.ball((0.13, 0.11, 0.1), (0.06, 0, seat + 0.89), palette.plain())
    for side in (1, -1):
        knee = (0.15, side * 0.13, seat - 0.15 - 0.05 * side)
        thing.rod((-0.25, side * 0.1, seat), knee, 0.075, trousers)
        thing.rod(knee, (0.0, side * 0.13, seat - 0.6), 0.06, trousers)
        thing.rod((0.0, side * 0.2, seat + 0.5), (reach, side * 0.24, seat + 0.12), 0.045, shirt)
