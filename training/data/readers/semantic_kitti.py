"""Frames from a folder in SemanticKITTI's layout: real sequences and the simulator's alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.kitti_files import read_sequence_calibration
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import FrameFacts, check_labels
from training.data.readers.files import read_image, read_numbers
from training.data.readers.poses import read_kitti_poses
from training.data.readers.scene_facts import SceneFacts

CAMERAS = ("image_2", "image_0")  # the colour camera before the grey one
PERIOD_NS = 100_000_000  # 10 Hz, where times.txt is absent


class SemanticKitti:
    """Frames of ROOT/sequences/NN/{velodyne,labels,image_2,calib.txt}, in order; camera_2.yaml goes before calib.txt.

    sequences: their names, None for all; camera: auto (image_2, else image_0) or a folder such as image_3
    labels: folder of the label files, None for data without; label_set: checks the raw ids of every frame

    Raises InputError and CalibrationError naming the file that is missing or wrong.
    """

    def __init__(
        self,
        root: str | Path,
        sequences: Sequence[str] | None = None,
        label_set: LabelSet | None = None,
        camera: str = "auto",
        labels: str | None = "labels",
    ) -> None:
        self.root = Path(root)
        self.label_set = label_set
        self.camera = camera
        self.labels = labels
        folder = self.root / "sequences"
        if sequences is None:
            sequences = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
        scans = [(name, p.stem) for name in sequences for p in sorted((folder / name / "velodyne").glob("*.bin"))]
        missing = sorted(set(sequences) - {name for name, _ in scans})
        if missing or not scans:
            what = f"sequence {missing[0]}" if missing else "any sequence"
            raise InputError(f"{folder} has no velodyne/*.bin of {what}; give a root in SemanticKITTI's layout")
        self.scans = scans
        self._calibrations: dict[tuple[str, int, int], Calibration] = {}
        self._stamps: dict[str, NDArray[np.int64]] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._poses: dict[str, NDArray[np.float64]] = {}
        self._scenes: dict[str, SceneFacts] = {}

    def __len__(self) -> int:
        return len(self.scans)

    def __getitem__(self, index: int) -> Frame:
        """A frame with raw class ids, moving classes as they are, instances cut off (see facts)."""
        sequence, scan = self.scans[index]
        points = read_points(self._path(sequence, "velodyne", scan, "bin"))
        image = self._image(sequence, scan)
        height, width = image.shape[:2]
        return Frame(
            stamp=self._stamp(sequence, scan),
            points=points,
            views=(View(image, self._calibration(sequence, width, height)),),
            labels=self._raw_labels(sequence, scan, len(points)),
        )

    def name(self, index: int) -> str:
        """`sequence/scan` of a frame."""
        return "/".join(self.scans[index])

    def facts(self, index: int) -> FrameFacts:
        """The instances of a frame's points, and what the simulator wrote of its sequence (scene.json)."""
        sequence, scan = self.scans[index]
        if sequence not in self._scenes:
            self._scenes[sequence] = SceneFacts.read(self.root / "sequences" / sequence / "scene.json")
        scene = self._scenes[sequence]
        if self.labels is None:
            return FrameFacts(scene.conditions, None, scene.objects)
        words = read_label_words(self._path(sequence, self.labels, scan, "label"))
        return FrameFacts(scene.conditions, (words >> 16).astype(np.uint16), scene.objects)

    def pose(self, index: int) -> NDArray[np.float64] | None:
        """T_start_lidar [4,4]: a frame's LiDAR in the LiDAR frame of its sequence's start; None without poses.txt."""
        sequence, scan = self.scans[index]
        if sequence not in self._poses:
            folder = self.root / "sequences" / sequence
            self._poses[sequence] = read_kitti_poses(folder / "poses.txt", folder / "calib.txt")
        poses = self._poses[sequence]
        number = int(scan) if scan.isdigit() else 0
        return poses[number] if number < len(poses) else None

    def _path(self, sequence: str, folder: str, scan: str, suffix: str) -> Path:
        return self.root / "sequences" / sequence / folder / f"{scan}.{suffix}"

    def _camera_folder(self, sequence: str) -> str:
        if self.camera != "auto":
            return self.camera
        there = [c for c in CAMERAS if (self.root / "sequences" / sequence / c).is_dir()]
        if not there:
            raise InputError(f"{self.root / 'sequences' / sequence} has none of {CAMERAS}; add the camera's images")
        return there[0]

    def _image(self, sequence: str, scan: str) -> NDArray[np.uint8]:
        path = self._path(sequence, self._camera_folder(sequence), scan, "png")
        image = read_image(path)
        height, width = image.shape[:2]
        first = self._sizes.setdefault(sequence, (width, height))
        if first != (width, height):
            raise InputError(
                f"{path} is {width}x{height}, but others of sequence {sequence} are {first[0]}x{first[1]}; its "
                "calibration can be for one size only"
            )
        return image

    def _calibration(self, sequence: str, width: int, height: int) -> Calibration:
        key = (sequence, width, height)
        if key not in self._calibrations:
            number = self._camera_folder(sequence).rpartition("_")[2]
            folder = self.root / "sequences" / sequence
            self._calibrations[key] = read_sequence_calibration(folder, width, height, number)
        return self._calibrations[key]

    def _raw_labels(self, sequence: str, scan: str, count: int) -> NDArray[np.uint16] | None:
        if self.labels is None:
            return None
        path = self._path(sequence, self.labels, scan, "label")
        raw = (read_label_words(path) & 0xFFFF).astype(np.uint16)
        check_labels(raw, count, path, self.label_set)
        return raw

    def _stamp(self, sequence: str, scan: str) -> int:
        if sequence not in self._stamps:
            path = self.root / "sequences" / sequence / "times.txt"
            seconds = np.loadtxt(path, ndmin=1) if path.is_file() else np.zeros(0)
            self._stamps[sequence] = np.round(seconds * 1e9).astype(np.int64)
        stamps = self._stamps[sequence]
        index = int(scan) if scan.isdigit() else 0
        return int(stamps[index]) if index < len(stamps) else index * PERIOD_NS


def read_points(path: Path) -> NDArray[np.float32]:
    """Points [N,4] float32 (x y z in metres, intensity) of a velodyne file; raises InputError."""
    return read_numbers(path, "<f4", 4).astype(np.float32, copy=False)


def read_label_words(path: Path) -> NDArray[np.uint32]:
    """What a label file holds [N] uint32: the raw id in the lower 16 bits, the instance above; raises InputError."""
    try:
        return np.fromfile(path, "<u4").astype(np.uint32, copy=False)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); every scan needs its label file") from error
