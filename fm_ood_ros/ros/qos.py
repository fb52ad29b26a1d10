"""Quality of service: sensor data in, reliable out; both overridable by parameters."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions


def sensor_input() -> QoSProfile:
    """Best effort, newest two: a late message is worth less than the next one."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=2, reliability=ReliabilityPolicy.BEST_EFFORT)


def latched_input() -> QoSProfile:
    """The newest one, even if it was published before this subscription; matches latched publishers only."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=1,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )


def reliable_output() -> QoSProfile:
    """Reliable, so that every subscriber's demand is met; the newest five."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=5, reliability=ReliabilityPolicy.RELIABLE)


def overridable(entity: str | None = None) -> QoSOverridingOptions:
    """Declares `qos_overrides.<topic>.<subscription|publisher>.{history,depth,reliability,durability}`.

    entity: tells a second subscription to the same topic apart, as `subscription_<entity>`
    """
    kinds = (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.RELIABILITY, QoSPolicyKind.DURABILITY)
    return QoSOverridingOptions(kinds, entity_id=entity)
