"""From a frame to a prediction: the one way through the house."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.engines import Engine
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.projection import Projection
from fm_ood_ros.geometry.view import WHOLE_SPHERE, CameraView, lidar_elevation
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.prediction import NOT_JUDGED, Prediction
from fm_ood_ros.timings import Timings

ENOUGH_POINTS = 1000  # fewer do not tell how far up and down a LiDAR looks
SUPPORT = 7  # cells: a pixel is judged when a LiDAR point lies within this window around it


class Segmenter:
    """Judges frames with a model bundle.

    elevation: lowest and highest elevation of the LiDAR in degrees; None measures it on the first full cloud
    """

    def __init__(self, bundle: ModelBundle, engine: Engine, elevation: tuple[float, float] | None = None) -> None:
        self.bundle = bundle
        self.engine = engine
        self.elevation = elevation
        self._view: CameraView | None = None
        self._support = np.ones((SUPPORT, SUPPORT), np.uint8)

    def __call__(self, frame: Frame) -> Prediction:
        """Class, probability and anomaly score of every point and pixel of a frame."""
        timings = Timings()
        with timings.stage("project"):
            view = self.view(frame)
            projection = view.project(frame.points)
            image = view.camera_image(frame.image)
            lidar = view.lidar_image(frame.points, projection)
        with timings.stage("infer"):
            outputs = self.engine.infer(image, lidar)
        with timings.stage("lift"):
            return self._lift(view, projection, outputs, timings)

    def view(self, frame: Frame) -> CameraView:
        """The view of this frame's calibration, built anew only when the calibration changes."""
        if self.elevation is None and np.isfinite(frame.points[:, :3]).all(1).sum() >= ENOUGH_POINTS:
            self.elevation = lidar_elevation(frame.points)
        elevation = self.elevation or WHOLE_SPHERE
        view = self._view
        if view is None or view.calibration is not frame.calibration or view.elevation != elevation:
            view = self._view = CameraView(frame.calibration, self.bundle.size, elevation)
        return view

    def _lift(
        self, view: CameraView, projection: Projection, outputs: dict[str, NDArray[np.generic]], timings: Timings
    ) -> Prediction:
        class_id = np.asarray(outputs["class_id"], np.uint8)
        score = self.bundle.score(np.asarray(outputs["anomaly"], np.float32))
        seen = cv2.dilate((projection.nearest >= 0).astype(np.uint8).reshape(self.bundle.size), self._support) > 0
        return Prediction(
            class_id=view.lift(class_id, projection, NOT_JUDGED),
            probability=view.lift(np.asarray(outputs["probability"], np.float32), projection, np.nan),
            anomaly_score=view.lift(score, projection, np.nan),
            class_map=view.paste(np.where(seen, class_id, np.uint8(NOT_JUDGED)), NOT_JUDGED),
            anomaly_map=view.paste(np.where(seen, score, np.float32(np.nan)), np.nan),
            timings=timings,
        )
