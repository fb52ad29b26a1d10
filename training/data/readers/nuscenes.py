"""nuScenes with lidarseg labels: every key frame's sweep as each of its cameras sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fm_ood_ros.errors import CalibrationError, InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.lens import Lens
from fm_ood_ros.model.label_sets import LabelSet
from training.data.frames import FrameFacts, check_labels, choose
from training.data.readers.files import read_image, read_numbers
from training.data.readers.nuscenes_tables import Record, table
from training.data.readers.poses import rigid

LIDAR = "LIDAR_TOP"
CAMERAS = ("CAM_FRONT", "CAM_FRONT_RIGHT", "CAM_BACK_RIGHT", "CAM_BACK", "CAM_BACK_LEFT", "CAM_FRONT_LEFT")
OFFICIAL = ("train", "val")


class NuScenes:
    """Frames (key frame by key frame, camera by camera) of ROOT/{v1.0-*,samples,lidarseg}, six a key frame.

    scenes: their names, or `train` or `val` for the official split, None for all; camera: auto for all six, or one
    label_set: checks the raw ids of every frame. A point that two cameras see is in both their frames.

    Raises InputError naming the table or file that is missing or wrong.
    """

    def __init__(
        self,
        root: str | Path,
        scenes: Sequence[str] | None = None,
        label_set: LabelSet | None = None,
        camera: str = "auto",
    ) -> None:
        self.root = Path(root)
        self.label_set = label_set
        if camera not in ("auto", *CAMERAS):
            raise InputError(f"camera is '{camera}', expected auto or one of {', '.join(CAMERAS)}; correct data.camera")
        self._folder = _tables_folder(self.root)
        try:
            self._read(scenes, CAMERAS if camera == "auto" else (camera,))
        except KeyError as error:
            raise InputError(
                f"the tables in {self._folder} refer to {error}, which they lack; unpack all metadata of one version"
            ) from error

    def _read(self, scenes: Sequence[str] | None, cameras: Sequence[str]) -> None:
        folder = self._folder
        sensors = table(folder / "sensor.json")
        self._mounts = table(folder / "calibrated_sensor.json")
        channel = {t: sensors[m["sensor_token"]]["channel"] for t, m in self._mounts.items()}
        all_scenes = {t: r["name"] for t, r in table(folder / "scene.json").items()}
        taken = set(choose(sorted(all_scenes.values()), _named(scenes, all_scenes.values()), folder / "scene.json"))
        samples = table(folder / "sample.json", lambda r: all_scenes[r["scene_token"]] in taken)
        wanted = {LIDAR, *cameras}
        data = table(
            folder / "sample_data.json",
            lambda r: (
                r["is_key_frame"] and r["sample_token"] in samples and channel[r["calibrated_sensor_token"]] in wanted
            ),
        )
        poses = {r["ego_pose_token"] for r in data.values()}
        self._poses = table(folder / "ego_pose.json", lambda r: r["token"] in poses)
        self._labels = {r["sample_data_token"]: r["filename"] for r in table(folder / "lidarseg.json").values()}
        by_sample: dict[str, dict[str, Record]] = {}
        for record in data.values():
            by_sample.setdefault(record["sample_token"], {})[channel[record["calibrated_sensor_token"]]] = record
        order = sorted(samples.values(), key=lambda r: (all_scenes[r["scene_token"]], r["timestamp"]))
        self._frames = [
            (all_scenes[s["scene_token"]], by_sample[s["token"]][LIDAR], by_sample[s["token"]][c], c)
            for s in order
            for c in cameras
        ]

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Frame:
        """A frame with raw lidarseg ids (0 to 31), stamped with the sweep's time."""
        _, sweep, shot, _ = self._frames[index]
        points = self._points(sweep)
        image = read_image(self.root / shot["filename"])
        height, width = image.shape[:2]
        if (width, height) != (shot["width"], shot["height"]):
            raise InputError(
                f"{self.root / shot['filename']} is {width}x{height}, expected {shot['width']}x{shot['height']}; "
                "the calibration is for the data set's own images"
            )
        K = np.array(self._mounts[shot["calibrated_sensor_token"]]["camera_intrinsic"], np.float64)
        calibration = Calibration(Lens(K, width, height), self.extrinsics(index))
        labels = self._raw_labels(sweep, len(points))
        return Frame(sweep["timestamp"] * 1000, points, (View(image, calibration),), labels)

    def extrinsics(self, index: int) -> NDArray[np.float64]:
        """T_camera_lidar [4,4] with the vehicle's motion between sweep and image: both poses go through the world."""
        _, sweep, shot, _ = self._frames[index]
        return np.asarray(np.linalg.inv(self._in_world(shot)) @ self._in_world(sweep))

    def name(self, index: int) -> str:
        """`scene/time of the sweep in microseconds/camera` of a frame."""
        scene, sweep, _, camera = self._frames[index]
        return f"{scene}/{sweep['timestamp']}/{camera}"

    def facts(self, index: int) -> FrameFacts:
        """The camera, as the rig."""
        return FrameFacts({"rig": self._frames[index][3]})

    def _points(self, sweep: Record) -> NDArray[np.float32]:
        """x y z intensity of a sweep; the fifth column, the ring, is left out."""
        points: NDArray[Any] = read_numbers(self.root / sweep["filename"], "<f4", 5)
        return np.ascontiguousarray(points[:, :4], np.float32)

    def _raw_labels(self, sweep: Record, count: int) -> NDArray[np.uint16]:
        if sweep["token"] not in self._labels:
            raise InputError(
                f"{self._folder / 'lidarseg.json'} has no labels of {sweep['filename']}; add lidarseg's files"
            )
        path = self.root / self._labels[sweep["token"]]
        raw = read_numbers(path, "u1", 1)[:, 0].astype(np.uint16)
        check_labels(raw, count, path, self.label_set)
        return raw

    def _in_world(self, record: Record) -> NDArray[np.float64]:
        """T_world_sensor at the moment of a measurement."""
        pose, mount = self._poses[record["ego_pose_token"]], self._mounts[record["calibrated_sensor_token"]]
        try:
            T_ego_sensor = rigid(mount["rotation"], mount["translation"])
            return np.asarray(rigid(pose["rotation"], pose["translation"]) @ T_ego_sensor)
        except CalibrationError as error:
            raise CalibrationError(f"{self._folder}: {record['filename']}: {error}") from error


def _tables_folder(root: Path) -> Path:
    there = sorted(p.parent for p in root.glob("v1.0-*/sample_data.json"))
    if len(there) != 1:
        found = [p.name for p in there] or "none"
        raise InputError(
            f"{root} has the table folders {found}, expected one v1.0-*; unpack the metadata of one version"
        )
    return there[0]


def _named(scenes: Sequence[str] | None, there: Any) -> Sequence[str] | None:
    """Scene names, `train` and `val` spelt out as far as they are there."""
    if scenes is None or not set(scenes) & set(OFFICIAL):
        return scenes
    ranges = yaml.safe_load(Path(__file__).with_name("nuscenes_scenes.yaml").read_text(encoding="utf-8"))["val"]
    val = {f"scene-{number:04d}" for first, last in ranges for number in range(first, last + 1)}
    split = {"val": [n for n in there if n in val], "train": [n for n in there if n not in val]}
    return [name for entry in scenes for name in split.get(entry, [entry])]
