"""Labelled frames straight from the renderer, for comparing rigs on the same streets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fm_ood_ros.frame import Frame
from simulation.output.dataset import DatasetRequest
from simulation.output.recording import Recording
from simulation.sensors.rigs import Rig


def frames_of(rig: Rig, seed: int, scenes: int, frames: int, kinds: str = "test") -> Iterator[Frame]:
    """So many frames of each scene as `dataset` of that seed and split would show them to this very rig.

    kinds: split whose unknown objects are shown; rigs with the same main camera see the same streets and images
    """
    request = DatasetRequest(Path(), kinds, scenes, frames, seed)
    for index in range(scenes):
        with Recording(replace(request.scene(index), rig=rig)) as recording:
            for i in range(frames):
                yield recording.frame(i * request.period)[0]
