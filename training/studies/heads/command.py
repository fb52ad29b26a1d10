"""python -m training heads: settings of losses and outliers on the frozen features of trained networks."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from fm_ood_ros.errors import InputError
from fm_ood_ros.memory import keep_freed_memory
from training.data.opening import open_frames
from training.runs.run import Run, read_json, revision, write_json
from training.studies.heads.rows import Rows, gather_rows
from training.studies.heads.spec import HeadsSpec, load_heads
from training.studies.heads.study import judge_head, train_head
from training.studies.heads.table import best_on_average, markdown

RESULTS, TABLE = "heads.json", "table.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--config", type=Path, required=True, help="YAML, see training/configs/studies/heads_street.yaml"
    )
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="folders of finished trainings")
    parser.add_argument("--data", type=Path, required=True, help="benchmark's folder: train, dev")
    parser.add_argument("--out", type=Path, required=True, help="folder for results and table; what is there stays")


def heads(options: argparse.Namespace) -> None:
    """Trains and judges what is left, then writes the table; raises InputError on a run that does not fit."""
    spec = load_heads(options.config)
    runs = [_checked(Run.load(path)) for path in options.runs]
    keep_freed_memory(2**28)
    path = options.out / RESULTS
    results: list[dict[str, Any]] = read_json(path)["heads"] if path.is_file() else []
    for run in runs:
        todo = [head for head in spec.heads() if not _of(results, run, *head)]
        if not todo:
            continue
        print(f"{run.path.name}: gathering features", flush=True)
        train, dev = (_gather(run, options.data / name, spec) for name in ("train", "dev"))
        for number, (title, settings, seed) in enumerate(todo, 1):
            began = time.perf_counter()
            classes = len(run.label_set.classes)
            head = train_head(spec.config(run, settings, seed), train, classes)
            facts = {"run": run.path.name, "variant": title, "settings": settings, "seed": seed, "revision": revision()}
            found = {**facts, **judge_head(head, dev, classes)}
            results.append(json.loads(json.dumps(found)))
            write_json(path, {"heads": results})
            print(f"{number}/{len(todo)} {_line(found)}, {time.perf_counter() - began:.0f} s", flush=True)
    _report(spec, results, runs, options.data, options.out / TABLE)


def _gather(run: Run, data: Path, spec: HeadsSpec) -> Rows:
    how = spec.common.gathering
    frames = open_frames(data, run.config.data, run.label_set)
    at_most = how.train_frames if data.name == "train" else how.dev_frames
    network = run.trained_network()
    return gather_rows(network, frames, run.label_set, run.input_spec, at_most, how.points)


def _checked(run: Run) -> Run:
    network = run.config.network
    if network.normalise != "none" or len(network.widths) != 2:
        found = f"network.normalise {network.normalise} and {len(network.widths)} streams"
        raise InputError(f"{run.path} has {found}, expected none and 2; give another run")
    return run


def _of(
    results: Sequence[dict[str, Any]], run: Run, title: str, settings: tuple[str, ...], seed: int
) -> list[dict[str, Any]]:
    key = run.path.name, title, list(settings), seed
    return [r for r in results if (r["run"], r["variant"], r["settings"], r["seed"]) == key]


def _line(found: dict[str, Any]) -> str:
    best = best_on_average([found])
    score = found["scores"][best]
    return (
        f"{found['variant']} seed {found['seed']}: mIoU {found['miou']:.1%}, {best} FPR@95 {score['fpr95']:.1%}, "
        f"AUROC {score['auroc']:.1%}"
    )


def _report(spec: HeadsSpec, results: list[dict[str, Any]], runs: Sequence[Run], data: Path, out: Path) -> None:
    """Only what the file and the runs of this call name goes into the table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for title, settings, seed in spec.heads():
        found.setdefault(title, []).extend(r for run in runs for r in _of(results, run, title, settings, seed))
    how = spec.common.gathering
    revisions = sorted({r["revision"] for group in found.values() for r in group})
    facts = [
        f"Features of {', '.join(run.path.name for run in runs)} at {how.points} points in each of "
        f"{how.train_frames} training and {how.dev_frames} development frames of {data.resolve().name}; synthetic.",
        "Each head starts from chance, the streams stay as they are: what a setting does to them is not seen here.",
        f"Source: revision {' / '.join(revisions)}. Device: CPU, {torch.get_num_threads()} thread(s).",
    ]
    out.write_text(markdown(spec, found, facts), encoding="utf-8")
    print(f"written to {out}")
