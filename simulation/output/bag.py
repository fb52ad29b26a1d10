"""Writes a ROS 2 recording (MCAP) of one street."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from fm_ood_ros.errors import InputError
from simulation.output.messages import Messages, camera_name
from simulation.output.recording import Recording
from simulation.sensors.faults import NO_FAULTS, Faults
from simulation.unknown import KINDS_OF_SPLIT
from simulation.world.scene import SceneRequest

START = 1_700_000_000 * 10**9  # ns; a fixed day, so that equal seeds give equal bytes
IMAGE_DELAY = 8_000_000  # ns from the cloud's stamp to the image's
POINTS, STATIC = "/points", "/tf_static"
BAG_CODE = 9  # apart from the codes of the data sets' splits


@dataclass(frozen=True)
class BagRequest:
    """out: a folder that must not exist, or a file ending in .mcap; split: whose unknown objects; faults: of sensors"""

    out: Path
    seconds: float
    seed: int
    weather: str = "any"
    rig: str = "any"
    split: str = "test"
    rate: float = 10.0
    raw_images: bool = False
    faults: Faults = NO_FAULTS

    @property
    def clouds(self) -> int:
        """Number of clouds, one image each."""
        return max(1, round(self.seconds * self.rate))


def write_bag(request: BagRequest) -> Path:
    """Writes the recording and returns where it is; raises InputError when it cannot be written there."""
    if request.out.exists():
        raise InputError(f"{request.out} exists already; remove it or give another --out")
    single = request.out.suffix == ".mcap"
    try:
        request.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=request.out.parent, prefix=".bag.") as scratch:
            folder = Path(scratch) / request.out.name
            _record(request, folder)
            found = next(folder.glob("*.mcap")) if single else folder
            shutil.move(found, request.out)
    except OSError as error:
        raise InputError(f"{request.out} cannot be written ({error.strerror}); give another --out") from error
    return request.out


def _record(request: BagRequest, folder: Path) -> None:
    kinds = KINDS_OF_SPLIT[request.split]
    seed = (request.seed, BAG_CODE, 0)
    scene = SceneRequest(seed, kinds, request.weather, request.rig, duration=request.seconds, faults=request.faults)
    writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    with Recording(scene) as recording, writer:
        _Recorder(writer, request, recording).run()


class _Recorder:
    """One recording being written."""

    def __init__(self, writer: Writer, request: BagRequest, recording: Recording) -> None:
        self._writer, self._request, self._recording = writer, request, recording
        self._messages = Messages()
        self._image_topic = "image" if request.raw_images else "image/compressed"
        image = "Image" if request.raw_images else "CompressedImage"
        types = {POINTS: "sensor_msgs/msg/PointCloud2", STATIC: "tf2_msgs/msg/TFMessage"}
        for i in range(len(recording.scene.rig.cameras)):
            types[f"/{camera_name(i)}/{self._image_topic}"] = f"sensor_msgs/msg/{image}"
            types[f"/{camera_name(i)}/camera_info"] = "sensor_msgs/msg/CameraInfo"
        store = self._messages.store
        self._connections = {t: writer.add_connection(t, n, typestore=store) for t, n in types.items()}

    def _write(self, topic: str, stamp: int, message: object) -> None:
        connection = self._connections[topic]
        data = self._messages.store.serialize_cdr(message, connection.msgtype)
        self._writer.write(connection, stamp, data)

    def run(self) -> None:
        """All frames, in order of their stamps."""
        rig, make = self._recording.scene.rig, self._messages
        self._write(STATIC, START, make.transforms(START, rig))
        for i in range(self._request.clouds):
            t = i / self._request.rate
            stamp = START + round(t * 1e9)
            frame, scan = self._recording.frame(t)
            self._write(POINTS, stamp, make.cloud(stamp, scan))
            late = stamp + IMAGE_DELAY
            image = make.image if self._request.raw_images else make.compressed
            for k, picture in enumerate([frame.views[0].image, *self._recording.further_images(t)]):
                topic = f"/{camera_name(k)}"
                self._write(f"{topic}/camera_info", late, make.camera_info(late, rig.calibrations[k], k))
                self._write(f"{topic}/{self._image_topic}", late, image(late, picture, k))
