"""Frames of a recording: clouds, each with the image that was taken nearest to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.replay.bag import Bag, BagMessage
from fm_ood_ros.replay.truth import LABEL_FIELD

IN_TIME = 100_000_000  # ns between a cloud and its image: a period of the usual LiDAR


def frames_of(bag: Bag, calibration: Calibration, at_most: int) -> Iterator[Frame]:
    """That many clouds spread evenly over a recording, in order, with labels where the clouds carry them.

    Holds the undecoded images of all these clouds. Raises InputError for messages that cannot be judged.
    """
    yield from frames_at(bag, calibration, spread(range(bag.rig.points.count), at_most))


def spread(clouds: range, at_most: int) -> list[int]:
    """That many of the clouds, spread evenly over them."""
    chosen = np.linspace(0, len(clouds) - 1, min(len(clouds), at_most)).round().astype(int)
    return [clouds[i] for i in chosen]


def frames_at(bag: Bag, calibration: Calibration, clouds_taken: Collection[int]) -> Iterator[Frame]:
    """The clouds of these places in a recording, as frames_of gives them, but those without an image in time."""
    chosen = set(clouds_taken)
    clouds = [m for i, m in enumerate(bag.messages(bag.rig.points.name)) if i in chosen]
    images = nearest_images(bag, [cloud.stamp for cloud in clouds], IN_TIME)
    for message in clouds:
        if message.stamp not in images:
            continue
        cloud = CloudView(bag.deserialise(message))
        view = View(decode_image(bag.deserialise(images[message.stamp])), calibration)
        yield Frame(message.stamp, cloud.points(), (view,), _labels(cloud.rows))


def with_image(bag: Bag, clouds_taken: Collection[int]) -> list[int]:
    """Those of these places in a recording whose cloud has an image in time."""
    chosen = set(clouds_taken)
    stamps = {i: m.stamp for i, m in enumerate(bag.messages(bag.rig.points.name)) if i in chosen}
    images = nearest_images(bag, stamps.values(), IN_TIME)
    return [i for i, stamp in stamps.items() if stamp in images]


def nearest_images(bag: Bag, stamps: Iterable[int], within: int | None = None) -> dict[int, BagMessage]:
    """The image nearest in time to each stamp (ns); raises InputError where the recording has none.

    within: ns by which it may miss; stamps without such an image are left out
    """
    best: dict[int, tuple[int, BagMessage]] = {}
    wanted = set(stamps)
    for message in bag.messages(bag.rig.image.name):
        for stamp in wanted:
            apart = abs(message.stamp - stamp)
            if stamp not in best or apart < best[stamp][0]:
                best[stamp] = (apart, message)
    if len(best) < len(wanted):
        raise InputError(f"{bag.path} has no image on {bag.rig.image.name}, expected one for every cloud; record both")
    return {stamp: message for stamp, (apart, message) in best.items() if within is None or apart <= within}


def _labels(rows: NDArray[Any]) -> NDArray[np.uint16] | None:
    """Raw ids [N], the lower 16 bits of the label field."""
    if LABEL_FIELD not in (rows.dtype.names or ()):
        return None
    return np.asarray(rows[LABEL_FIELD].astype(np.uint32) & 0xFFFF).astype(np.uint16)
