"""Publishes /diagnostics and logs each change of the verdict."""

from __future__ import annotations

import re
from collections import Counter
from time import monotonic

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.lifecycle import LifecycleNode

from fm_ood_ros.health.throttle import Throttle
from fm_ood_ros.pairing.hints import hints, late_images
from fm_ood_ros.pairing.ledger import Ledger
from fm_ood_ros.ros.diagnostics import OK, WARN, Facts, InputFacts, input_status, judging_status
from fm_ood_ros.ros.parts import Parts

OUTRUN = 0.1  # share of pairs that may miss their best image unnoticed


class Reporter:
    """Tells the world how the node is.

    error: why configuring failed; last_failure: why the last pair was not judged
    """

    def __init__(self, node: LifecycleNode) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._counted: Counter[str] = Counter()
        self._outrun = 0
        self._time = monotonic()
        self._kind = ""
        self._rig_kinds: dict[str, str] = {}
        self._throttle = Throttle(10.0)
        self.error = ""
        self.last_failure = ""

    def report(self, state: str, parts: Parts | None) -> None:
        """Publishes one DiagnosticArray."""
        now = monotonic()
        name = self._node.get_fully_qualified_name()
        inputs = _inputs(parts) if parts and state == "active" else []
        status = judging_status(name, self._facts(state, parts, now), inputs, now)
        statuses = [input_status(name, known, now) for known in inputs]
        message = DiagnosticArray(status=[status, *statuses])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)
        if state == "active" or self.error:
            self._log_change(status)
        if parts:
            self._log_rig(parts)

    def _facts(self, state: str, parts: Parts | None, now: float) -> Facts:
        ledger = parts.pipeline.ledger() if parts else Ledger(0, 0, Counter(), 0)
        counted = ledger.dropped + Counter(judged=ledger.judged)
        recent, seconds = counted - self._counted, max(1e-3, now - self._time)
        self._counted, self._time = counted, now
        return Facts(
            state=state,
            error=self.error,
            model=_model(parts) if parts else {},
            ledger=ledger,
            recent=recent,
            stages=parts.stages.percentiles() if parts else {},
            pair_errors_ms=[e / 1e6 for e in parts.pipeline.pair_errors] if parts else [],
            hints=hints(parts.pipeline.synchroniser) if parts else {},
            last_failure=self.last_failure,
            camera_trouble=parts.camera.trouble if parts else "",
            calibrated=parts is not None and parts.camera.calibration is not None,
            pairing_trouble=self._pairing_trouble(parts, recent["judged"]) if parts else "",
            rig_trouble=parts.judge.condition.trouble if parts else "",
            rig=parts.judge.condition.values if parts else {},
            rate=recent["judged"] / seconds,
        )

    def _pairing_trouble(self, parts: Parts, judged: int) -> str:
        synchroniser = parts.pipeline.synchroniser
        outrun, self._outrun = synchroniser.misses.outrun - self._outrun, synchroniser.misses.outrun
        if outrun <= OUTRUN * judged:
            return ""
        return f"{outrun} clouds were judged with another image than theirs ({late_images(synchroniser)})"

    def _log_rig(self, parts: Parts) -> None:
        """What was learnt of the rig, whenever it is other than before by more than figures."""
        values = {k.removeprefix("rig."): v for k, v in parts.judge.condition.values.items() if k.startswith("rig.")}
        values.pop("trouble", None)  # which is in the verdict
        kinds = {k: re.sub(r"[-+]?[\d.]+", "", v) for k, v in values.items()}
        if kinds != self._rig_kinds:
            self._rig_kinds = kinds
            self._node.get_logger().info("; ".join(f"{k}: {v}" for k, v in values.items()))

    def _log_change(self, status: DiagnosticStatus) -> None:
        kind = re.sub(r"[-+]?[\d.]+", "", status.message)  # the same cause with other figures is no news
        if kind == self._kind:
            return
        text = self._throttle(kind, status.message)
        if not text:
            return
        self._kind = kind
        logger = self._node.get_logger()
        if status.level == OK:  # one call each: rclpy refuses to change the severity of a call
            logger.info(text)
        elif status.level == WARN:
            logger.warning(text)
        else:
            logger.error(text)


def _model(parts: Parts) -> dict[str, str]:
    return {
        "model": parts.bundle.name,
        "model.sha256": parts.bundle.digest,
        "site": f"measured on {parts.site}" if parts.site else "none: the model's own scale",
        "backend": parts.engine.name,
        "backend.reason": parts.engine.reason,
    }


def _inputs(parts: Parts) -> list[InputFacts]:
    inputs, camera = parts.inputs, parts.camera
    trouble = {"points": parts.judge.condition.trouble, "camera_info": camera.trouble}
    drops = {"image": parts.pipeline.synchroniser.image_drops}
    return [
        InputFacts(
            watch=watch,
            topic=inputs.topic(key),
            publishers=inputs.publishers(key),
            needed=key != "camera_info" or camera.calibration is None,
            trouble=trouble.get(key, ""),
            drops=drops.get(key, Counter()),
        )
        for key, watch in reversed(inputs.watches.items())
    ]
