"""What exists between configure and cleanup."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.lifecycle import LifecycleNode

from fm_ood_ros.engines import Engine
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.health.stages import Stages
from fm_ood_ros.judgement.tracks import Tracks
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.site import Site
from fm_ood_ros.pairing.pipeline import Pipeline
from fm_ood_ros.ros.camera import Camera
from fm_ood_ros.ros.inputs import Inputs
from fm_ood_ros.ros.judging import Judge
from fm_ood_ros.ros.outputs import Outputs
from fm_ood_ros.ros.parameters import NodeParameters, value_of
from fm_ood_ros.segmenter import Segmenter


class Parts:
    """Inputs, pipeline, judge and outputs, wired: a cloud passes them in this order.

    wake: asks for polls of the pipeline; complain: is told the cause and the exception of what was not judged
    """

    def __init__(
        self,
        node: LifecycleNode,
        parameters: NodeParameters,
        camera: Camera,
        bundle: ModelBundle,
        engine: Engine,
        site: Site | None,
        wake: Callable[[], None],
        complain: Callable[[str, BaseException], None],
    ) -> None:
        self.camera = camera
        self.bundle = bundle
        self.engine = engine
        self.site = site
        self.stages = Stages()
        self.outputs = Outputs(node, bundle.labels)
        self.judge = Judge(
            Segmenter(bundle, engine, parameters.rig, site, Tracks(parameters.confirm, parameters.window)),
            self.outputs,
            lambda: float(value_of(node, "threshold")) or bundle.threshold,
            self.stages.add,
        )
        self.pipeline: Pipeline[Calibration] = Pipeline(
            parameters.sync, parameters.max_pending, camera.current, self.judge, complain, wake
        )
        self.inputs = Inputs(
            node, parameters.image_transport, self.pipeline.add_points, self.pipeline.add_image, camera.update
        )
