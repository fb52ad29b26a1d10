"""What is usual on a rig: its mount and intensities over a whole drive, and how strange its points look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from fm_ood_ros.calibrate.shares import Look, Shares
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.mount import Mount
from fm_ood_ros.judgement.fitting import refit_quantiles
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.rig import Rig, RigFacts
from fm_ood_ros.segmenter import Segmenter
from fm_ood_ros.timings import Timings

FEWEST = 10  # frames
BLOCKS = 4  # of a drive: neighbouring frames are alike, so that long blocks are held out
MountFigures = tuple[float, float, float]


def measured_rig(spec: InputSpec, frames: Iterable[Frame], count: int) -> tuple[MountFigures | None, float]:
    """Height (m), pitch and roll (degrees) of the median ground, None without any, and the intensities' scale.

    Raises InputError where there are fewer than FEWEST frames (count).
    """
    if count < FEWEST:
        raise InputError(f"there are {count} frames, expected {FEWEST} or more; give more or longer recordings")
    rig = Rig(spec, RigFacts(clouds=count))
    for frame in frames:
        rig.see(frame)
    plane = rig.cameras[0].ground
    intensity = float(f"{rig.intensity.scale:.6g}")
    if plane is None:
        return None, intensity
    mount = Mount.on(plane, "measured")
    return (round(plane.height, 4), round(mount.pitch, 3), round(mount.roll, 3)), intensity


def looks(segmenter: Segmenter, scale: ScoreScale, frames: Iterable[Frame]) -> Iterator[Look]:
    """What the judgement, in deviations of a scale, makes of the judged points of each frame."""
    for frame in frames:
        _, seen = segmenter.look(frame, Timings())
        judged = segmenter.judgement.judged(segmenter.judgement.evidence(seen), scale)
        patch = seen.patch[seen.patch >= 0]
        yield Look(seen.distance[patch], judged[patch])


def refitted(scale: ScoreScale, looks: Sequence[Look]) -> ScoreScale:
    """The scale by which the points of all frames are usual; raises InputError where they are too few."""
    distance = np.concatenate([look.distance for look in looks])
    return refit_quantiles(scale, distance, np.concatenate([look.judged for look in looks]))


def held_out(scale: ScoreScale, threshold: float, looks: Sequence[Look]) -> Shares:
    """Flagged shares of all frames, each by a scale that was fitted without it and its neighbours.

    Every second block of frames makes one half; each half is judged by the scale of the other.
    """
    halves: tuple[list[Look], list[Look]] = [], []
    for i, look in enumerate(looks):
        halves[i * BLOCKS // len(looks) % 2].append(look)
    first, second = (refitted(scale, half) for half in halves)
    return Shares.of(second, threshold, halves[0]) + Shares.of(first, threshold, halves[1])
