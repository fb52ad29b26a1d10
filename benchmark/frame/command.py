"""`frame`: time and memory of every stage of a frame, from its messages to its messages."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2

from benchmark.frame.measured import AT, aims, measured, most_resident
from benchmark.frame.publishing import MESSAGES
from benchmark.frame.street import BEAMS
from benchmark.frame.table import text
from fm_ood_ros.engines import open_engine
from fm_ood_ros.memory import keep_freed_memory
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model
from training.engine.device import cpu_name
from training.runs.run import revision, write_json

QUICK = (2_000, 6_000)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the parser."""
    parser = commands.add_parser("frame", help="time and memory of every stage of a frame, by the size of its cloud")
    parser.add_argument("--model", type=Path, help="folder of a bundle (default: the shipped one)")
    parser.add_argument("--quick", action="store_true", help="small clouds and few rounds: does it work at all")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default: 15, quick 2)")
    parser.add_argument("--out", type=Path, default=Path("results/frame.json"), help="JSON file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measures, prints and writes the tables; returns 1 when the bound on judgement is missed, else 0."""
    keep_freed_memory()  # as the node does
    bundle = ModelBundle.load(options.model or default_model())
    rounds = options.rounds or (2 if options.quick else 15)
    with one_thread():
        rows = measured(bundle, open_engine(bundle, threads=1), QUICK if options.quick else tuple(BEAMS), rounds)
    result: dict[str, Any] = {
        "model": f"{bundle.name} {bundle.digest[:12]}",
        "revision": revision(),
        "machine": _machine(rounds),
        "messages": MESSAGES,
        "at": AT,
        "rows": rows,
        "aims": aims(rows),
    }
    print(text(result))
    write_json(options.out, result)
    print(f"written to {options.out}")
    return 0 if all(aim["reached"] for aim in result["aims"]) else 1


@contextmanager
def one_thread() -> Iterator[None]:
    """NumPy and OpenCV work alone as long as the block lasts: threads of theirs would make CPU time of waiting."""
    from threadpoolctl import threadpool_limits

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(threads)


def _machine(rounds: int) -> dict[str, Any]:
    return {"device": cpu_name(), "load": os.getloadavg()[0], "rounds": rounds, "resident_mb": most_resident()}
