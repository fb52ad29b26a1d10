"""ONNX Runtime on the CPU."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import EngineError
from fm_ood_ros.model.bundle import ModelBundle

_TYPES = {"image": "tensor(uint8)", "lidar": "tensor(float)", "logits": "tensor(float)"}


def thread_count(threads: int) -> int:
    """How many threads to take: as many as asked for, for 0 one per usable core but one, which all else runs on."""
    return threads or max(1, len(os.sched_getaffinity(0)) - 1)


def session_options(options: Any, threads: int) -> Any:
    """SessionOptions set up for a machine that has other things to do: no thread spins while it waits for work."""
    options.intra_op_num_threads = thread_count(threads)
    options.log_severity_level = 3
    for pool in ("intra_op", "inter_op"):
        options.add_session_config_entry(f"session.{pool}.allow_spinning", "0")
    return options


class OnnxRuntimeEngine:
    """The fp32 graph of a bundle on ONNX Runtime."""

    def __init__(self, bundle: ModelBundle, reason: str, threads: int = 0) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineError("onnxruntime is not installed; install it with: pip install onnxruntime") from error
        graph = bundle.read("fp32")
        options = session_options(onnxruntime.SessionOptions(), threads)
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own family, unrelated to OSError or ValueError
            raise EngineError(
                f"onnxruntime {onnxruntime.__version__} cannot load {bundle.files['fp32']} ({error}); export it again"
            ) from error
        self.name = f"onnxruntime {onnxruntime.__version__} (CPU)"
        self.reason = reason
        self._check(bundle)

    def _check(self, bundle: ModelBundle) -> None:
        graph = bundle.manifest["graph"]
        for place, found in (("inputs", self._session.get_inputs()), ("outputs", self._session.get_outputs())):
            shapes = {node.name: (list(node.shape), node.type) for node in found}
            expected = {name: (shape, _TYPES[name]) for name, shape in graph[place].items()}
            if shapes != expected:
                raise EngineError(f"{bundle.files['fp32']} has {place} {shapes}, expected {expected}; export it again")
        told = self._session.get_modelmeta().custom_metadata_map.get("classes", str(graph["classes"]))
        if told != str(graph["classes"]):
            raise EngineError(
                f"{bundle.files['fp32']} knows {told} classes, the manifest says {graph['classes']}; export it again"
            )

    def infer(self, image: NDArray[np.uint8], lidar: NDArray[np.float32]) -> NDArray[np.float32]:
        """See Engine.infer."""
        (logits,) = self._session.run(["logits"], {"image": image[None], "lidar": lidar[None]})
        return np.asarray(logits[0], np.float32)
