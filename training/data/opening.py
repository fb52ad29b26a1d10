"""A data set from its path: which reader its files ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import Frames
from training.data.readers.bags import LabelledBag
from training.data.readers.carla import Carla
from training.data.readers.carla_layout import CarlaLayout
from training.data.readers.nuscenes import NuScenes
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.settings import KINDS, DataConfig


def open_frames(
    root: str | Path, config: DataConfig, label_set: LabelSet | None = None, sequences: Sequence[str] | None = None
) -> Frames:
    """The labelled frames under a path; raises InputError when they are of no known kind, or broken."""
    path = Path(root)
    kind = kind_of(path, config.layout) if config.kind == "auto" else config.kind
    if kind == "nuscenes":
        return NuScenes(path, sequences, label_set, config.camera)
    if kind == "carla":
        layout = CarlaLayout.load(Path(config.layout) if config.layout else path / "layout.yaml")
        return Carla(path, layout, sequences, label_set)
    if kind == "bag":
        return LabelledBag(path, label_set, rectified=config.rectified)
    return SemanticKitti(path, sequences, label_set, config.camera, config.labels)


def kind_of(root: Path, layout: str | None = None) -> str:
    """semantic_kitti, nuscenes, carla or bag; raises InputError when the files are of none of these kinds."""
    if not root.exists():
        raise InputError(f"{root} does not exist; give the folder of a data set, or a recording")
    if layout is not None or (root / "layout.yaml").is_file():
        return "carla"
    if (root / "sequences").is_dir():
        return "semantic_kitti"
    if any(root.glob("v1.0-*/sample_data.json")):
        return "nuscenes"
    if root.suffix == ".mcap" or (root / "metadata.yaml").is_file():
        return "bag"
    raise InputError(
        f"{root} holds neither sequences/, nor v1.0-*/, nor layout.yaml, nor a recording; "
        f"give the data set's own root (known kinds: {', '.join(KINDS)})"
    )
