"""A model bundle that computes in milliseconds and whose verdicts a test can foretell."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from fm_ood_ros.model.judgement_spec import JudgementSpec

CLASSES = (("low", [0, 0, 255], [1]), ("high", [0, 255, 0], [2]))
MAX_RANGE = 100.0


def make_tiny_bundle(
    path: Path, size: tuple[int, int] = (32, 128), threshold: float = 0.95, frame: str = "mount"
) -> Path:
    """Writes a bundle to the folder `path` and returns it.

    Every point is judged by itself: class 1 ("high") where the nearest point has z > 0, else 0 ("low"); probability =
    1 / (1 + exp(-its range / 100 m)); raw anomaly, minus the largest logit, = red / 255 of the image, which the score
    scale leaves nearly as it is.
    """
    path.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(size), path / "tiny.onnx")
    (path / "manifest.json").write_text(json.dumps(_manifest(path, size, threshold, frame)), encoding="utf-8")
    return path


def probability_at(distance: np.ndarray) -> np.ndarray:
    """What the tiny bundle says of its class at distances in metres."""
    return 1 / (1 + np.exp(-np.minimum(distance / MAX_RANGE, 1)))


def _shapes(size: tuple[int, int]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    h, w = size
    return {"image": [1, h, w, 3], "lidar": [1, 5, h, w]}, {"logits": [1, len(CLASSES), h, w]}


def _graph(size: tuple[int, int]) -> onnx.ModelProto:
    inputs, outputs = _shapes(size)
    kinds = {"image": TensorProto.UINT8}
    constants = {"zero": np.array([0]), "three": np.array([3]), "floor": np.float32(0)}
    constants |= {"per_metre": np.float32(1 / MAX_RANGE), "per_step": np.float32(-1 / 255), "one": np.float32(1)}
    nodes = [
        helper.make_node("Gather", ["image", "zero"], ["red_last"], axis=3),
        helper.make_node("Transpose", ["red_last"], ["red"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["red"], ["red_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["red_float", "per_step"], ["largest"]),
        helper.make_node("Gather", ["lidar", "zero"], ["range"], axis=1),
        helper.make_node("Mul", ["range", "per_metre"], ["share"]),
        helper.make_node("Min", ["share", "one"], ["lead"]),
        helper.make_node("Sub", ["largest", "lead"], ["smaller"]),
        helper.make_node("Gather", ["lidar", "three"], ["z"], axis=1),
        helper.make_node("Greater", ["z", "floor"], ["is_high"]),
        helper.make_node("Where", ["is_high", "smaller", "largest"], ["low"]),
        helper.make_node("Where", ["is_high", "largest", "smaller"], ["high"]),
        helper.make_node("Concat", ["low", "high"], ["logits"], axis=1),
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
    scale = {"quantile_levels": quantiles, "quantile_values": quantiles}
    statistics = {"mean": 0.5, "std": 0.3, "p01": 0.01, "p50": 0.5, "p99": 0.99}
    return {
        "format": "fm_ood_ros.bundle/3",
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
        "judgement": JudgementSpec.alone("max_logit").to_dict(),
        "score": {"ranges": [{"distance": 20.0, "mean": 0.0, "std": 1.0, "points": 1000, **scale}]},
        "thresholds": {"anomaly_score": threshold},
        "statistics": {"intensity": statistics, "range": statistics},
        "training": {},
        "metrics": {},
    }
