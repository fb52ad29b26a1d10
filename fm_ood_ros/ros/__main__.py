"""`python -m fm_ood_ros.ros`, or `ros2 run fm_ood_ros ood_segmentation`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import rclpy
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from fm_ood_ros.memory import keep_freed_memory
from fm_ood_ros.ros.dds import use_large_message_profile
from fm_ood_ros.ros.node import OodSegmentation

WAKE_SECONDS = 0.1  # after which a signal is noticed


class Stop:
    """Notes SIGINT and SIGTERM; a second one changes nothing, so that it cannot tear the clean-up apart."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.wanted = False
        for number in self.SIGNALS:
            signal.signal(number, self._note)

    def ignore(self) -> None:
        """From now on nothing is noted: Python's own end would otherwise give the signals back their deadly meaning."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True


def main(arguments: list[str] | None = None) -> int:
    """Runs the node until SIGINT or SIGTERM; 0 after a clean end, 2 on impossible parameters."""
    keep_freed_memory()
    use_large_message_profile()
    stop = Stop()
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = OodSegmentation()
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        print(f"error: {error}; correct the parameter", file=sys.stderr)
        rclpy.try_shutdown()
        return 2
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        node.autostart()
        while not stop.wanted and node.state != "finalized":
            _spin_once(executor, node)
        if node.state != "finalized":
            node.trigger_shutdown()
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()
        stop.ignore()
    return 0


def _spin_once(executor: SingleThreadedExecutor, node: OodSegmentation) -> None:
    """One callback; what it raises is logged, and the node lives on."""
    try:
        executor.spin_once(timeout_sec=WAKE_SECONDS)
    except Exception as error:
        node.complain("callback_failed", error)


if __name__ == "__main__":
    sys.exit(main())
