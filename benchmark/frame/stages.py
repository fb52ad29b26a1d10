"""The stages of a frame, in the order in which it comes to them, and where each of them is called."""

from __future__ import annotations

import itertools

import numpy as np

from benchmark.frame import publishing
from benchmark.frame.meters import Meter, Places, measured_at
from benchmark.frame.street import CALIBRATION, Sent
from fm_ood_ros import rig, segmenter
from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.mount import Mounting
from fm_ood_ros.geometry.view import CameraView
from fm_ood_ros.judgement import judge
from fm_ood_ros.judgement.tracks import Tracks
from fm_ood_ros.messages.image_message import ImageDecoder
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.prediction import Prediction

COPY, ENGINE = "one copy of the cloud", "engine"
SEEING: Places = {
    "see": (rig.Rig, "see"),
    "ground": (Mounting, "__call__"),
    "project": (CameraView, "project"),
    "camera image": (CameraView, "camera_image"),
    "LiDAR image": (rig, "lidar_image"),
}
JUDGING: Places = {
    "lift": (segmenter, "surface"),
    "evidence": (judge.Judgement, "evidence"),
    "height": (judge, "above_ground"),
    "clusters": (judge, "clusters"),
    "judged": (judge.Judgement, "judged"),
    "scale": (ScoreScale, "__call__"),
    "verdicts": (segmenter.Segmenter, "verdicts"),
    "objects": (segmenter, "unknown_objects"),
    "tracks": (Tracks, "__call__"),
}
DECODING = ("decode cloud", "decode image")
PUBLISHING = ("publish", *publishing.places())
GROUPS = {
    "decode": DECODING, "see": tuple(SEEING), ENGINE: (ENGINE,), "judgement": tuple(JUDGING), "publish": PUBLISHING,
    "between": ("between",),
}  # fmt: skip


class OneFrame:
    """A frame from its messages to its messages, again and again, by the one way through the house."""

    def __init__(self, bundle: ModelBundle, engine: Engine, moment: Sent) -> None:
        self._moment = moment
        self._segmenter = segmenter.Segmenter(bundle, engine, tracks=Tracks())
        self._clouds = itertools.count()
        self._images = ImageDecoder()
        self._publish = publishing.Publishing(bundle.labels)
        self._places = {**SEEING, ENGINE: (engine, "infer"), **JUDGING, **publishing.places()}

    def __call__(self, meter: Meter) -> Prediction:
        """Measures every stage, and one copy of the cloud beside them; raises InputError for a stage that is gone."""
        with meter.stage(COPY):
            np.array(self._moment.xyzi)
        with measured_at(self._places, meter), meter.stage("between"):
            with meter.stage("decode cloud"):
                view = CloudView(self._moment.cloud)
                points = view.points()
            with meter.stage("decode image"):
                image = self._images(self._moment.image)
            frame = Frame(next(self._clouds) * 100_000_000, points, (View(image, CALIBRATION),))
            prediction = self._segmenter(frame)
            with meter.stage("publish"):
                self._publish(view, frame, prediction)
        return prediction
