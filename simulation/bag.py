"""Writes a ROS 2 recording (MCAP) of one street."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from fm_ood_ros.errors import InputError
from simulation.messages import Messages
from simulation.recording import Recording
from simulation.scene import SceneRequest
from simulation.unknown import KINDS_OF_SPLIT

START = 1_700_000_000 * 10**9  # ns; a fixed day, so that equal seeds give equal bytes
IMAGE_DELAY = 8_000_000  # ns from the cloud's stamp to the image's
POINTS, IMAGE, INFO, STATIC = "/points", "/camera/image", "/camera/camera_info", "/tf_static"
BAG_CODE = 9  # apart from the codes of the data sets' splits


@dataclass(frozen=True)
class BagRequest:
    """out: a folder that must not exist, or a file ending in .mcap; split: whose unknown objects"""

    out: Path
    seconds: float
    seed: int
    weather: str = "any"
    rig: str = "any"
    split: str = "test"
    rate: float = 10.0
    raw_images: bool = False

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
    scene = SceneRequest(seed, kinds, request.weather, request.rig, duration=request.seconds)
    writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    with Recording(scene) as recording, writer:
        _Recorder(writer, request, recording).run()


class _Recorder:
    """One recording being written."""

    def __init__(self, writer: Writer, request: BagRequest, recording: Recording) -> None:
        self._writer, self._request, self._recording = writer, request, recording
        self._messages = Messages()
        image = "Image" if request.raw_images else "CompressedImage"
        types = {
            POINTS: "sensor_msgs/msg/PointCloud2", self._image_topic: f"sensor_msgs/msg/{image}",
            INFO: "sensor_msgs/msg/CameraInfo", STATIC: "tf2_msgs/msg/TFMessage",
        }  # fmt: skip
        store = self._messages.store
        self._connections = {t: writer.add_connection(t, n, typestore=store) for t, n in types.items()}

    @property
    def _image_topic(self) -> str:
        return IMAGE + ("" if self._request.raw_images else "/compressed")

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
            self._write(INFO, late, make.camera_info(late, rig.calibration))
            self._write(self._image_topic, late, image(late, frame.image))
