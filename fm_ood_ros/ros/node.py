"""The ROS 2 node: lifecycle, parameters and topics around the core."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from traceback import extract_tb
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter

from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import FmOodError
from fm_ood_ros.health.throttle import Throttle
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model
from fm_ood_ros.model.site import Site
from fm_ood_ros.pairing.worker import Refused
from fm_ood_ros.ros.camera import Camera
from fm_ood_ros.ros.parameters import DYNAMIC, SPECS, declare_parameters, read_parameters, value_of
from fm_ood_ros.ros.parts import Parts
from fm_ood_ros.ros.report import Reporter

POLL_SECONDS = 0.01
SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class OodSegmentation(LifecycleNode):
    """Judges every point of a LiDAR cloud with the camera image nearest to it in time.

    configure loads the model, activate subscribes and judges, deactivate stops, cleanup frees the model.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__("ood_segmentation", **arguments)
        declare_parameters(self)
        self.add_on_set_parameters_callback(self._check_change)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._throttle = Throttle()
        self._reporter = Reporter(self)
        self._parts: Parts | None = None
        self._poll_timer: Any = None
        period = float(value_of(self, "diagnostics_period"))
        self._report_timer = self.create_timer(period, self.report, clock=self._steady)

    @property
    def state(self) -> str:
        """Label of the lifecycle's current state."""
        return str(self._state_machine.current_state[1])

    def autostart(self) -> None:
        """Configures and activates, if the parameter says so."""
        if value_of(self, "autostart") and self.trigger_configure() == SUCCESS:
            self.trigger_activate()

    def report(self) -> None:
        """Publishes /diagnostics and logs what has changed."""
        self._reporter.report(self.state, self._parts)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Loads model and calibration; fails with the cause in log and diagnostics."""
        return self._attempt("configure", self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes and starts judging."""
        return self._attempt("activate", lambda: self._activate(state))

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes and stops judging."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Frees the model and its topics; fails while a thread still uses them."""
        return self._attempt("clean up", self._clean_up)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stops and frees, from any state; the last accounts go to log and diagnostics."""
        self._stop()
        self.report()
        self._free()
        return SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Back to unconfigured, with nothing left open; to finalized when the judging thread did not end."""
        self._stop()
        return self._attempt("recover", self._clean_up)

    def _attempt(self, what: str, step: Any) -> TransitionCallbackReturn:
        try:
            step()
        except Exception as error:  # the lifecycle would swallow it without a word
            text = str(error) if isinstance(error, FmOodError) else f"{type(error).__name__}: {error}"
            self._reporter.error = text
            self.get_logger().error(f"cannot {what}: {text}")
            self._stop()
            if what == "configure":
                self._free()
            return FAILURE
        self._reporter.error = ""
        return SUCCESS

    def _configure(self) -> None:
        parameters = read_parameters(self)
        topic = "~/input/image" if parameters.image_transport == "raw" else "~/input/image/compressed"
        camera = Camera(parameters, str(self.resolve_topic_name(topic)))
        start = perf_counter()
        bundle = ModelBundle.load(Path(parameters.model) if parameters.model else default_model())
        site = Site.load(parameters.site, bundle) if parameters.site else None
        engine = open_engine(bundle, parameters.engine, parameters.threads)
        blank = np.zeros((*bundle.size, 3), np.uint8), np.zeros((5, *bundle.size), np.float32)
        engine.infer(*blank)  # the first inference is slow: better now than with the first cloud
        self._parts = Parts(self, parameters, camera, bundle, engine, site, self._wake, self.complain)
        self.get_logger().info(
            f"model {bundle.name} ({bundle.digest[:12]}, input {bundle.size[0]}x{bundle.size[1]}) on {engine.name} "
            f"({engine.reason}) loaded in {perf_counter() - start:.1f} s"
        )
        if site:
            self.get_logger().info(f"site {parameters.site}, measured on {site}")

    def _activate(self, state: LifecycleState) -> None:
        assert self._parts is not None
        self._parts.pipeline.start()
        super().on_activate(state)
        self._parts.inputs.subscribe()
        self._poll_timer = self.create_timer(POLL_SECONDS, self._poll, clock=self._steady)
        topics = ", ".join(self._parts.inputs.topic(name) for name in self._parts.inputs.watches)
        self.get_logger().info(f"judging; inputs are {topics}")

    def _wake(self) -> None:
        self._poll_timer.reset()

    def _poll(self) -> None:
        assert self._parts is not None
        self._parts.pipeline.poll()
        if not self._parts.pipeline.pending:
            self._poll_timer.cancel()  # a hundred wake-ups a second for nothing cost 6 % of a core

    def _stop(self) -> None:
        if self._poll_timer is not None:
            self.destroy_timer(self._poll_timer)
            self._poll_timer = None
        if self._parts is not None:
            self._parts.inputs.unsubscribe()
            if not self._parts.pipeline.stop():
                self.get_logger().error("the model does not return; it is left to itself")
            self.get_logger().info(str(self._parts.pipeline.ledger()))

    def _clean_up(self) -> None:
        if self._parts is not None:
            self._parts.pipeline.expect_idle()
        self._free()

    def _free(self) -> None:
        if self._parts is not None:
            self._parts.outputs.destroy()
            self._parts = None

    def complain(self, cause: str, error: BaseException) -> None:
        """Logs why a pair was not judged or a callback failed, each cause once in a while."""
        reason = str(error) if isinstance(error, (Refused, FmOodError)) else f"{type(error).__name__}: {error}"
        self._reporter.last_failure = f"{cause}: {reason}"
        if text := self._throttle(cause, f"{cause}: {reason}{_place(error)}"):
            self.get_logger().error(text)

    def _check_change(self, changes: list[Parameter]) -> SetParametersResult:
        ours = {spec.name for spec in SPECS} - DYNAMIC
        late = [p.name for p in changes if p.name in ours and self.has_parameter(p.name)]
        if late and self._parts is not None:
            reason = f"{', '.join(late)} can only be set while the node is unconfigured; deactivate and clean up first"
            return SetParametersResult(successful=False, reason=reason)
        return SetParametersResult(successful=True)


def _place(error: BaseException) -> str:
    """Where an error that nobody foresaw came from."""
    if isinstance(error, (Refused, FmOodError)) or error.__traceback__ is None:
        return ""
    last = extract_tb(error.__traceback__)[-1]
    return f" ({Path(last.filename).name}, line {last.lineno})"
