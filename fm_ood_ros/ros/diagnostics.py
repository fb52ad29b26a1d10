"""/diagnostics: one status for the judging and one per input, the most specific cause first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from fm_ood_ros.health.watch import InputWatch
from fm_ood_ros.pairing.ledger import Ledger

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass(frozen=True)
class Facts:
    """What the node knows at one moment; ms and seconds as named.

    state: of the lifecycle; error: why configuring failed; camera_trouble: why there is no calibration;
    recent: clouds by cause (and `judged`) since the last report; hints: what cures a cause;
    pairing_trouble: why pairs are worse than they could be
    """

    state: str
    error: str
    model: Mapping[str, str]
    ledger: Ledger
    recent: Counter[str]
    stages: Mapping[str, tuple[float, float]]
    pair_errors_ms: list[float]
    hints: Mapping[str, str]
    last_failure: str
    camera_trouble: str
    calibrated: bool
    pairing_trouble: str
    rig_trouble: str
    rig: Mapping[str, str]
    rate: float


def judging_status(name: str, facts: Facts, inputs: list[InputFacts], now: float) -> DiagnosticStatus:
    """Whether clouds are judged, and if not, why."""
    level, message = _verdict(facts, inputs, now)
    ledger = facts.ledger
    values: dict[str, Any] = {
        "state": facts.state,
        **facts.model,
        "clouds.received": ledger.received,
        "clouds.judged": ledger.judged,
        "clouds.pending": ledger.pending,
        "clouds.unexplained": ledger.unexplained,
        "clouds.judged_hz": f"{facts.rate:.2f}",
        **{f"dropped.{cause}": count for cause, count in sorted(ledger.dropped.items())},
        **_pairing(facts),
        **facts.rig,
    }
    for stage, (p50, p95) in facts.stages.items():
        values |= {f"{stage}.p50_ms": f"{p50:.2f}", f"{stage}.p95_ms": f"{p95:.2f}"}
    values |= {"last_failure": facts.last_failure} if facts.last_failure else {}
    return _status(f"{name}: judging", level, message, name, values)


@dataclass(frozen=True)
class InputFacts:
    """What is known about one input.

    needed: whether judging stops without it; trouble: why it cannot be used, "" when it can; drops: by cause
    """

    watch: InputWatch
    topic: str
    publishers: int
    needed: bool
    trouble: str
    drops: Counter[str]


def input_status(name: str, facts: InputFacts, now: float) -> DiagnosticStatus:
    """Whether an input comes and can be used."""
    watch, topic, publishers = facts.watch, facts.topic, facts.publishers
    silent = watch.trouble(now)
    hint = f" (nobody publishes {topic})" if silent and not publishers else ""
    level = ERROR if silent and facts.needed else WARN if silent or facts.trouble else OK
    values = {
        f"{watch.name}.topic": topic,
        f"{watch.name}.publishers": publishers,
        f"{watch.name}.received": watch.received,
        f"{watch.name}.rate_hz": f"{watch.rate(now):.2f}",
        f"{watch.name}.age_s": f"{watch.age(now):.2f}",
        f"{watch.name}.lost_by_middleware": watch.lost,
        **{f"{watch.name}.dropped.{cause}": count for cause, count in sorted(facts.drops.items())},
    }
    message = silent + hint or facts.trouble or f"{watch.rate(now):.1f} per second"
    return _status(f"{name}: {watch.name}", level, message, name, values)


def _verdict(facts: Facts, inputs: list[InputFacts], now: float) -> tuple[bytes, str]:
    if facts.state != "active":
        failed = "not configured" if facts.state == "unconfigured" else f"still {facts.state}"
        return (ERROR, f"{failed}: {facts.error}") if facts.error else (WARN, f"the node is {facts.state}")
    silent = "; ".join(trouble for known in inputs if known.needed and (trouble := known.watch.trouble(now)))
    if silent or (facts.camera_trouble and not facts.calibrated):
        return ERROR, silent or facts.camera_trouble
    drops = facts.recent.copy()
    judged = drops.pop("judged", 0)
    if drops:
        cause, count = drops.most_common(1)[0]
        message = f"{count} of {judged + drops.total()} clouds dropped: {cause}{_hint(cause, facts)}"
        return (WARN if judged else ERROR), message
    for trouble in (facts.camera_trouble, facts.pairing_trouble, facts.rig_trouble):
        if trouble:
            return WARN, trouble
    return OK, f"judging {facts.rate:.1f} clouds per second" if facts.ledger.received else "waiting for clouds"


def _hint(cause: str, facts: Facts) -> str:
    text = facts.hints.get(cause, "") or (facts.last_failure if facts.last_failure.startswith(cause) else "")
    return f" ({text})" if text else ""


def _pairing(facts: Facts) -> dict[str, str]:
    errors = sorted(facts.pair_errors_ms)
    if not errors:
        return {}
    return {
        "pair_error_ms.median": f"{errors[len(errors) // 2]:+.2f}",
        "pair_error_ms.largest": f"{max(errors, key=abs):+.2f}",
    }


def _status(name: str, level: bytes, message: str, hardware: str, values: Mapping[str, Any]) -> DiagnosticStatus:
    pairs = [KeyValue(key=key, value=str(value)) for key, value in values.items()]
    return DiagnosticStatus(level=level, name=name, message=message, hardware_id=hardware, values=pairs)
