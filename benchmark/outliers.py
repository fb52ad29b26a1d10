"""`outliers`: outlier synthesis, training step and exported graph, as ratios of one run."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import torch

from benchmark import graph, outlier_synthesis, training_step
from benchmark.aims import aims
from benchmark.report import text
from fm_ood_ros.memory import keep_freed_memory
from training.engine.device import device_name
from training.runs.run import revision, write_json

PRESETS = [
    "feature_mixing_street",
    "feature_mixing_paper",
    "mixup",
    "vos",
    "npos",
    "np_mix",
    "cross_pair",
    "a2d",
    "xmuda",
]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the parser."""
    parser = commands.add_parser("outliers", help="time and memory of outlier synthesis and of a training step")
    parser.add_argument("--quick", action="store_true", help="small shapes and few rounds: does it work at all")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default: 9, quick 3)")
    parser.add_argument("--out", type=Path, default=Path("results/benchmark.json"), help="JSON file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measures, prints the tables and writes them; returns the exit status, 0 whatever the aims."""
    result = measured(options.quick, options.rounds or (3 if options.quick else 9))
    print(text(result))
    write_json(options.out, result)
    print(f"written to {options.out}")
    return 0


def measured(quick: bool, rounds: int) -> dict[str, Any]:
    """All measurements of this run."""
    keep_freed_memory(2**28)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    shapes = outlier_synthesis.QUICK if quick else outlier_synthesis.SHAPES
    size, samples = ((32, 128), 2) if quick else ((160, 640), 8)
    synthesis = [outlier_synthesis.measured(shape, device, rounds) for shape in shapes]
    steps = training_step.measured(PRESETS, device, rounds, size, samples)
    return {
        "machine": {
            "device": device_name(),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "load": os.getloadavg()[0],
            "rounds": rounds,
            "revision": revision(),
        },
        "outlier_synthesis": synthesis,
        "training_step": {"of": f"the compact network, {samples} frames of {size}", "presets": steps},
        "graph": graph.measured(size, rounds),
        "aims": [] if quick else aims(synthesis, steps),
    }
