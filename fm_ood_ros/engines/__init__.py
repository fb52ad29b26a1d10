"""Inference engines: one small class each, chosen by name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import EngineError
from fm_ood_ros.model.bundle import ModelBundle


class Engine(Protocol):
    """Runs a bundle's graph.

    name: which runtime and provider; reason: why this one
    """

    name: str
    reason: str

    def infer(self, image: NDArray[np.uint8], lidar: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits [C,h,w] of an image [H,W,3] uint8 and a LiDAR image [5,H,W] float32."""
        ...


def open_engine(bundle: ModelBundle, name: str = "auto", threads: int = 0) -> Engine:
    """The engine of that name (`auto`, `onnxruntime`); threads 0 = one per core but one.

    Raises EngineError for an unknown name, a missing runtime or a graph that is not what the manifest says.
    """
    if name not in ("auto", "onnxruntime"):
        raise EngineError(f"engine is '{name}', expected 'auto' or 'onnxruntime'; set one of these")
    from fm_ood_ros.engines.onnxruntime_engine import OnnxRuntimeEngine

    reason = "asked for" if name == "onnxruntime" else "auto: the one engine of this version"
    return OnnxRuntimeEngine(bundle, reason, threads)
