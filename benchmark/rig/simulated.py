"""Rigs that really differ: the simulator shows the same streets to each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from benchmark.rig.agreement import miou
from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.rig import ALONE
from fm_ood_ros.segmenter import Segmenter
from simulation.sensors.rigs import Rig, changed, load_rig

LOSS = 0.03  # of mIoU that a height or a tilt may cost
BOUNDED: dict[str, Callable[[Rig], Rig]] = {
    "LiDAR 0.5 m higher": partial(changed, height=0.5),
    "LiDAR 0.5 m lower": partial(changed, height=-0.5),
    "LiDAR pitched 3 degrees": partial(changed, pitch=3.0),
    "LiDAR rolled 3 degrees": partial(changed, roll=3.0),
}
AS_IT_IS, HALF = "as it is", "every second beam"
Show = Callable[[Rig], Iterable[Frame]]


def measured(bundle: ModelBundle, engine: Engine, show: Show) -> list[dict[str, Any]]:
    """A row for each rig: its name, its beams, mIoU on what `show` lets it see, and whether the bound is held.

    Raises InputError for labels that the bundle's label set lacks.
    """
    rig = load_rig("kitti")
    rigs = {name: change(rig) for name, change in BOUNDED.items()} | {HALF: changed(rig, every=2)}
    plain = _miou(bundle, engine, show(rig))
    rows = [_row(AS_IT_IS, rig, plain, plain)]
    return rows + [_row(name, other, _miou(bundle, engine, show(other)), plain) for name, other in rigs.items()]


def _row(name: str, rig: Rig, found: float, plain: float) -> dict[str, Any]:
    most = LOSS if name in BOUNDED else None
    held = most is None or plain - found <= most
    return {"rig": name, "beams": len(rig.beams), "miou": found, "lost": plain - found, "most": most, "held": held}


def _miou(bundle: ModelBundle, engine: Engine, frames: Iterable[Frame]) -> float:
    segmenter = Segmenter(bundle, engine, ALONE)
    pairs = [(frame, segmenter(frame)) for frame in frames]
    said = [prediction for _, prediction in pairs]
    return miou(bundle, [frame for frame, _ in pairs], said, said)
