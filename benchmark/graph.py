"""One frame through the exported graph: what enlarging with a softmax over the channels and a spinning pool cost."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time, sleep
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from export.graph import Exported, exported
from export.norms import fold_norms
from fm_ood_ros.engines.onnxruntime_engine import session_options
from training.models.config import NetworkConfig
from training.models.fusion import LateFusion
from training.models.network import NETWORKS

CLASSES, THREADS = 14, 2  # the shipped model's; a single thread has no pool that could spin
NAIVE, LOGITS = "verdicts on every pixel, by softmax", "logits of half the size"
PAUSE = 0.02  # seconds after a frame, which a spinning pool burns


class NaiveVerdicts(nn.Module):
    """Logits enlarged to the input's size, and what a softmax and a log-softmax say of them."""

    def __init__(self, network: LateFusion) -> None:
        super().__init__()
        self.network = fold_norms(network)

    def forward(self, image: Tensor, lidar: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Class uint8, its probability and the entropy float32, each [1,H,W]; inputs as Exported takes them."""
        logits = self.network(image, lidar)
        log_p = logits.log_softmax(1)
        return logits.argmax(1).to(torch.uint8), logits.softmax(1).amax(1), -(log_p.exp() * log_p).sum(1)


def measured(size: tuple[int, int], rounds: int) -> dict[str, Any]:
    """CPU time of this process by graph and pool, a pause after each frame included, and its ratio to the first row."""
    calls = {
        (graph, spinning): _call(model, size, spinning) for graph, model in _models(size) for spinning in (True, False)
    }
    times: dict[tuple[str, bool], list[float]] = {key: [] for key in calls}
    for number in range(rounds + 1):
        for key, call in calls.items():
            start = process_time()
            call()
            sleep(PAUSE)
            if number:  # the first warms up
                times[key].append(process_time() - start)
    first = median(times[NAIVE, True])
    rows = [
        {"graph": graph, "spinning": spinning, "cpu_ms": 1e3 * median(found), "ratio": median(found) / first}
        for (graph, spinning), found in times.items()
    ]
    return {"of": f"{THREADS} threads, one frame of {size} and {PAUSE * 1e3:g} ms of waiting", "rows": rows}


def _models(size: tuple[int, int]) -> list[tuple[str, bytes]]:
    torch.manual_seed(0)
    config = NetworkConfig(size, kind="trimodal", normalise="layer")
    network = NETWORKS["trimodal"](CLASSES, config, ([96.0] * 3, [55.0] * 3), ([20.0] * 5, [15.0] * 5)).eval()
    naive = exported(NaiveVerdicts(network).eval(), network, ("class_id", "probability", "entropy"))
    logits = exported(Exported(network).eval(), network)
    return [(NAIVE, naive.SerializeToString()), (LOGITS, logits.SerializeToString())]


def _call(model: bytes, size: tuple[int, int], spinning: bool) -> Callable[[], object]:
    options = onnxruntime.SessionOptions()
    if spinning:  # as ONNX Runtime has it by itself
        options.intra_op_num_threads = THREADS
    else:
        session_options(options, THREADS)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    lidar = rng.uniform(1, 40, (1, 5, *size)) * (rng.random((1, 1, *size)) < 0.17)
    inputs = {"image": rng.integers(0, 256, (1, *size, 3)).astype(np.uint8), "lidar": lidar.astype(np.float32)}
    return lambda: session.run(None, inputs)
