"""The node as its own process, as it runs on a vehicle."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from fm_ood_ros.replay.topics import RigTopics

NODE = "ood_segmentation"


class NodeProcess:
    """Starts the node for a rig's topics; its output goes to `log`."""

    def __init__(self, rig: RigTopics, parameters: dict[str, str], log: Path) -> None:
        image = rig.image.name.removesuffix("/compressed") if rig.compressed else rig.image.name
        info = rig.info.name if rig.info else "/camera_info"
        remaps = {"~/input/points": rig.points.name, "~/input/image": image, "~/input/camera_info": info}
        if rig.compressed:
            remaps["~/input/image/compressed"] = rig.image.name
        parameters = {"image_transport": "compressed" if rig.compressed else "raw", **parameters}
        command = [sys.executable, "-m", "fm_ood_ros.ros", "--ros-args", "-r", f"__node:={NODE}"]
        for name, value in parameters.items():
            command += ["-p", f"{name}:={value}"]
        for name, value in remaps.items():
            command += ["-r", f"{name}:={value}"]
        self.log = log
        self._log = log.open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def last_lines(self, n: int = 8) -> str:
        """The end of what the node printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-n:])

    def stop(self) -> int:
        """Ends the node as Ctrl-C does and returns its exit code; kills it after 15 s."""
        if self.alive:
            self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._log.close()
        return code
