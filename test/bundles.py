"""A model bundle that computes in milliseconds and whose verdicts a test can foretell."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

CLASSES = (("low", [0, 0, 255], [1]), ("high", [0, 255, 0], [2]))
MAX_RANGE = 100.0


def make_tiny_bundle(
    path: Path, size: tuple[int, int] = (32, 128), threshold: float = 0.95, frame: str = "mount"
) -> Path:
    """Writes a bundle to the folder `path` and returns it.

    Of each cell: class 1 ("high") where the nearest point has z > 0, else 0 ("low"); probability = its range / 100 m;
    raw anomaly = red / 255 of the image, which the score scale leaves nearly as it is.
    """
    path.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(size), path / "tiny.onnx")
    (path / "manifest.json").write_text(json.dumps(_manifest(path, size, threshold, frame)), encoding="utf-8")
    return path


def _shapes(size: tuple[int, int]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    h, w = size
    inputs = {"image": [1, h, w, 3], "lidar": [1, 5, h, w]}
    return inputs, {name: [1, h, w] for name in ("class_id", "probability", "anomaly")}


def _graph(size: tuple[int, int]) -> onnx.ModelProto:
    inputs, outputs = _shapes(size)
    kinds = {"image": TensorProto.UINT8, "class_id": TensorProto.UINT8}
    constants = {"zero": np.int64(0), "three": np.int64(3), "floor": np.float32(0)}
    constants |= {"per_metre": np.float32(1 / MAX_RANGE), "per_step": np.float32(1 / 255), "one": np.float32(1)}
    nodes = [
        helper.make_node("Gather", ["lidar", "three"], ["z"], axis=1),
        helper.make_node("Greater", ["z", "floor"], ["high"]),
        helper.make_node("Cast", ["high"], ["class_id"], to=TensorProto.UINT8),
        helper.make_node("Gather", ["lidar", "zero"], ["range"], axis=1),
        helper.make_node("Mul", ["range", "per_metre"], ["share"]),
        helper.make_node("Min", ["share", "one"], ["probability"]),
        helper.make_node("Gather", ["image", "zero"], ["red"], axis=3),
        helper.make_node("Cast", ["red"], ["red_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["red_float", "per_step"], ["anomaly"]),
    ]
    infos = [
        [helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), shape) for n, shape in named.items()]
        for named in (inputs, outputs)
    ]
    weights = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", infos[0], infos[1], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _manifest(path: Path, size: tuple[int, int], threshold: float, frame: str) -> dict[str, object]:
    inputs, outputs = _shapes(size)
    quantiles = np.linspace(0.001, 0.999, 999).tolist()
    statistics = {"mean": 0.5, "std": 0.3, "p01": 0.01, "p50": 0.5, "p99": 0.99}
    return {
        "format": "fm_ood_ros.bundle/2",
        "name": "tiny",
        "label_set": {
            "name": "tiny",
            "classes": [{"name": n, "color": color, "raw_ids": ids} for n, color, ids in CLASSES],
            "ood_raw_ids": [99],
            "ignore_raw_ids": [0],
        },
        "input": {
            "height": size[0],
            "width": size[1],
            "elevation": [-25.0, 3.0],
            "frame": frame,
            "limits": {"range": [1.0, 100.0], "height": [-5.0, 15.0], "intensity": 2.0},
        },
        "graph": {"inputs": inputs, "outputs": outputs, "classes": len(CLASSES)},
        "files": {
            "fp32": {"name": "tiny.onnx", "sha256": hashlib.sha256((path / "tiny.onnx").read_bytes()).hexdigest()}
        },
        "normalisation": {},
        "score": {"name": "red", "quantile_levels": quantiles, "quantile_values": quantiles},
        "thresholds": {"anomaly_score": threshold},
        "statistics": {"intensity": statistics, "range": statistics},
        "training": {},
        "metrics": {},
    }
