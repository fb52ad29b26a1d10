"""Rigs that really differ: the simulator shows the same streets to each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.metrics import SemanticMetrics
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.rig import ALONE
from fm_ood_ros.segmenter import Segmenter
from simulation.sensors.rigs import Rig, changed, load_rig

LOSS = 0.03  # of mIoU that a height or a tilt may cost
ENOUGH = 200  # points of a class; of fewer an IoU says nothing
BOUNDED: dict[str, Callable[[Rig], Rig]] = {
    "LiDAR 0.5 m higher": partial(changed, height=0.5),
    "LiDAR 0.5 m lower": partial(changed, height=-0.5),
    "LiDAR pitched 3 degrees": partial(changed, pitch=3.0),
    "LiDAR rolled 3 degrees": partial(changed, roll=3.0),
}
AS_IT_IS, HALF = "as it is", "every second beam"
Show = Callable[[Rig], Iterable[Frame]]


@dataclass(frozen=True)
class Seen:
    """Known points in view of all frames: xyz [P,3] metres on the vehicle, class said and true class [P]."""

    xyz: NDArray[np.float64]
    said: NDArray[np.uint8]
    true: NDArray[np.uint8]

    def within(self, rig: Rig, classes: int) -> SemanticMetrics:
        """Counts of the points that lie between a rig's lowest and highest beam."""
        pose = np.linalg.inv(rig.T_base_lidar)
        local = self.xyz @ pose[:3, :3].T + pose[:3, 3]
        elevation = np.arcsin(local[:, 2] / np.linalg.norm(local, axis=1))
        covered = (elevation >= rig.beams.min()) & (elevation <= rig.beams.max())
        counts = SemanticMetrics(classes)
        counts.update(self.said[covered], self.true[covered])
        return counts


def measured(bundle: ModelBundle, engine: Engine, show: Show) -> list[dict[str, Any]]:
    """A row for each rig: its name, its beams, mIoU on what `show` lets it see, and whether the bound is held.

    A LiDAR that looks elsewhere sees other things. So a second loss is told, of where both look: over the points
    between the lowest and the highest beam of the other rig, and the classes of which both see some.

    Raises InputError for labels that the bundle's label set lacks.
    """
    rig = load_rig("kitti")
    plain = _seen(bundle, engine, rig, show)
    rigs = {name: change(rig) for name, change in BOUNDED.items()} | {HALF: changed(rig, every=2)}
    rows = [_row(AS_IT_IS, rig, plain, rig, plain, bundle)]
    return rows + [
        _row(name, other, _seen(bundle, engine, other, show), rig, plain, bundle) for name, other in rigs.items()
    ]


def _row(name: str, other: Rig, seen: Seen, rig: Rig, plain: Seen, bundle: ModelBundle) -> dict[str, Any]:
    classes = len(bundle.labels.classes)
    before, after = plain.within(other, classes), seen.within(rig, classes)
    both = np.minimum(before.confusion.sum(1), after.confusion.sum(1)) >= ENOUGH
    lost = float(np.mean((before.result()["iou"] - after.result()["iou"])[both])) if both.any() else float("nan")
    most = LOSS if name in BOUNDED else None
    whole, plain_whole = (s.within(r, classes).result()["miou"] for s, r in ((seen, other), (plain, rig)))
    return {
        "rig": name, "beams": len(other.beams), "miou": whole, "lost": plain_whole - whole, "classes": int(both.sum()),
        "lost_where_both_look": lost, "most": most,
        "held": most is None or plain_whole - whole <= most,
    }  # fmt: skip


def _seen(bundle: ModelBundle, engine: Engine, rig: Rig, show: Show) -> Seen:
    segmenter = Segmenter(bundle, engine, ALONE)
    parts = []
    for frame in show(rig):
        prediction = segmenter(frame)
        assert frame.labels is not None
        true = bundle.labels.train_ids(frame.labels)
        known = prediction.in_view & (true < len(bundle.labels.classes))
        xyz = frame.points[known, :3] @ rig.T_base_lidar[:3, :3].T + rig.T_base_lidar[:3, 3]
        parts.append((xyz, prediction.class_id[known], true[known]))
    xyz, said, true = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Seen(xyz, said, true)
