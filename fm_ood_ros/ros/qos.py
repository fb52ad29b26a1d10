"""Quality of service: sensor data in, reliable out; both overridable by parameters."""

from __future__ import annotations

from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions


def sensor_input() -> QoSProfile:
    """Best effort, newest two: a late message is worth less than the next one."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=2, reliability=ReliabilityPolicy.BEST_EFFORT)


def reliable_output() -> QoSProfile:
    """Reliable, so that every subscriber's demand is met; the newest five."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=5, reliability=ReliabilityPolicy.RELIABLE)


def overridable() -> QoSOverridingOptions:
    """Declares `qos_overrides.<topic>.<subscription|publisher>.{history,depth,reliability}`."""
    return QoSOverridingOptions.with_default_policies()
