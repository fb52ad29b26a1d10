"""Settings of data: where samples come from, what of them the network sees, and how they are varied."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("semantic_kitti", "nuscenes", "carla", "bag")  # of data sets


@dataclass(frozen=True)
class DataConfig:
    """Where samples come from.

    kind: auto (seen from the files), semantic_kitti, nuscenes, carla or bag
    labels: folder of SemanticKITTI's label files; camera: auto, a KITTI camera such as image_2, or CAM_FRONT
    rectified: whether the images of a recording are, so that P and R of camera_info hold; None asks where it is unclear
    layout: YAML that says how CARLA frames lie on the disk (None: layout.yaml beside them)
    train_sequences, val_sequences: sequences or scenes, None takes all; nuScenes knows `train` and `val` too
    workers: loading processes; cache_mb: memory in which each of them keeps decoded frames (1 to 4 MB a frame)
    """

    kind: str = "auto"
    labels: str = "labels"
    camera: str = "auto"
    rectified: bool | None = None
    layout: str | None = None
    train_sequences: tuple[str, ...] | None = None
    val_sequences: tuple[str, ...] | None = None
    workers: int = 1
    cache_mb: int = 2000


@dataclass(frozen=True)
class AugmentationConfig:
    """How far training frames are varied.

    mirror: probability; scale: +- share of all distances
    tilt, height: +- degrees and metres by which the ground is measured wrong
    brightness, contrast, saturation: +- share
    intensity_gain: +- share; intensity_offset: +- share of its scale; intensity_missing: share of frames without any
    """

    mirror: float = 0.5
    scale: float = 0.05
    tilt: float = 1.0
    height: float = 0.1
    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.4
    intensity_gain: float = 0.3
    intensity_offset: float = 0.1
    intensity_missing: float = 0.15


@dataclass(frozen=True)
class InputConfig:
    """What of a frame the network sees; see fm_ood_ros.model.input_spec.InputSpec.

    frame: mount, or lidar for points as the sensor sends them
    range: nearest and farthest point, metres from the camera; height: lowest and highest, metres over the ground
    intensity: largest one, of the sensor's scale
    """

    frame: str = "mount"
    range: tuple[float, float] = (1.0, 100.0)
    height: tuple[float, float] = (-5.0, 15.0)
    intensity: float = 2.0
