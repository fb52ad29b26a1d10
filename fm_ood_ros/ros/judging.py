"""One pair of messages: decoded, judged, published."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.health.rig_condition import RigCondition
from fm_ood_ros.messages.image_message import ImageDecoder
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.pairing.pipeline import Job
from fm_ood_ros.pairing.worker import Refused
from fm_ood_ros.ros.outputs import Outputs
from fm_ood_ros.segmenter import Segmenter
from fm_ood_ros.timings import Timings


class Judge:
    """Turns jobs into published verdicts; raises Refused for input that cannot be judged.

    threshold: gives the anomaly_score from which a point is unknown
    measured: takes the milliseconds per stage of every judged pair
    """

    def __init__(
        self,
        segmenter: Segmenter,
        outputs: Outputs,
        threshold: Callable[[], float],
        measured: Callable[[dict[str, float]], None],
    ) -> None:
        self._segmenter = segmenter
        self._outputs = outputs
        self._threshold = threshold
        self._measured = measured
        self._images = ImageDecoder()
        self.condition = RigCondition()

    def __call__(self, job: Job[Calibration]) -> None:
        """Judges one pair and publishes the verdict."""
        timings = Timings(wait_image=(job.paired - job.arrived) * 1e3, wait_model=(monotonic() - job.paired) * 1e3)
        with timings.stage("decode"):
            view, frame = self._decode(job)
        self._segmenter.threshold = self._threshold()
        prediction = self._segmenter(frame)
        timings.update(prediction.timings)
        self.condition.note(self._segmenter.rig, frame, prediction, self._images.note)
        with timings.stage("publish"):
            self._outputs.publish(view, frame, prediction, (job.cloud.header, job.image.header))
        timings["total"] = (monotonic() - job.arrived) * 1e3
        self._measured(timings)

    def _decode(self, job: Job[Calibration]) -> tuple[CloudView, Frame]:
        try:
            view = CloudView(job.cloud)
        except InputError as error:
            raise Refused("bad_cloud", str(error)) from error
        if not len(view):
            raise Refused("empty_cloud", "the cloud has no points; check the LiDAR driver and what filters the cloud")
        image = self._image(job)
        return view, Frame(job.stamp, view.points(), (View(image, job.calibration),))

    def _image(self, job: Job[Calibration]) -> NDArray[np.uint8]:
        try:
            image = self._images(job.image)
        except InputError as error:
            raise Refused("bad_image", str(error)) from error
        height, width = image.shape[:2]
        expected = (job.calibration.lens.width, job.calibration.lens.height)
        if (width, height) != expected:
            raise Refused(
                "image_size_mismatch",
                f"the image is {width}x{height}, but its calibration is for {expected[0]}x{expected[1]}; "
                "publish the camera_info that belongs to this image",
            )
        return image
