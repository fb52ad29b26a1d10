"""Reads an annotated recording back: did every row return, and were the verdicts right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore

from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.prediction import NOT_JUDGED
from fm_ood_ros.replay.bag import Bag
from fm_ood_ros.replay.truth import Truth

OUTPUT = "/output/points"


@dataclass(frozen=True)
class ReadBack:
    """points: counts `in`, `out`, `judged`; rows_lost: clouds that differ from the input; truth: metrics or None."""

    points: dict[str, int]
    rows_lost: int
    truth: dict[str, Any] | None


def judged_clouds(folder: Path) -> Iterator[tuple[int, NDArray[np.void]]]:
    """Stamp in ns and structured array [N] of every judged cloud of an annotated recording, in order."""
    with AnyReader([folder], default_typestore=get_typestore(Stores.ROS2_JAZZY)) as reader:
        wanted = [c for c in reader.connections if c.topic.endswith(OUTPUT)]
        for connection, _, raw in reader.messages(wanted) if wanted else ():
            message = reader.deserialize(raw, connection.msgtype)
            yield stamp_ns(message), CloudView(message).rows


def stamp_ns(message: Any) -> int:
    """Header stamp in nanoseconds."""
    return int(message.header.stamp.sec) * 10**9 + int(message.header.stamp.nanosec)


def read_back(bag: Bag, folder: Path, bundle: ModelBundle) -> ReadBack:
    """Compares an annotated recording with the bag that was played, row for row, and with its ground truth."""
    truth = Truth(bundle.labels, bundle.threshold)
    points = {"in": 0, "out": 0, "judged": 0}
    rows_lost = 0
    clouds = judged_clouds(folder)
    current = next(clouds, None)
    for message in bag.messages(bag.rig.points.name):
        sent = bag.deserialise(message)
        points["in"] += sent.width * sent.height
        if current is None or current[0] != stamp_ns(sent):
            continue
        cloud = current[1]
        points["out"] += len(cloud)
        points["judged"] += int(np.count_nonzero(cloud["class_id"] != NOT_JUDGED))
        rows_lost += not _same_rows(CloudView(sent).rows, cloud)
        truth.update(current[0], cloud)
        current = next(clouds, None)
    return ReadBack(points, rows_lost, truth.result())


def _same_rows(sent: NDArray[np.void], returned: NDArray[np.void]) -> bool:
    """Whether every input field came back byte for byte, in the same order."""
    if len(sent) != len(returned):
        return False
    return all(sent[n].tobytes() == returned[n].tobytes() for n in sent.dtype.names or ())
