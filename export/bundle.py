"""A training run made into a model bundle."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from export.graph import OPSET, Exported, input_shapes, output_shapes, write_onnx
from export.parity import compare
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.manifest import FORMAT, MANIFEST
from training.data.frames import Frames
from training.evaluate.model import THRESHOLD, Judged, NetworkEngine
from training.runs.run import Run, finite, read_json

MODEL = "model.onnx"
LEFT_OUT = ("training", "data", "groups", "miou_by", "calibration")  # of evaluate's file


@dataclass(frozen=True)
class ExportOptions:
    """What to export.

    threshold: anomaly_score from which a point counts as unknown; parity_frames: how many frames at most
    metrics: JSON files that evaluate wrote
    """

    threshold: float = THRESHOLD
    parity_frames: int = 8
    metrics: Sequence[Path] = ()


def export_bundle(run: Run, judged: Judged, frames: Frames, out: Path, options: ExportOptions) -> ModelBundle:
    """Writes the bundle `out` and loads it again; frames: on which graph and network are compared.

    Raises InputError when the graph differs from the network, or when `out` is a folder of something else.
    """
    if not 0 < options.threshold < 1:
        raise InputError(f"threshold is {options.threshold:g}, expected a number between 0 and 1")
    if out.exists() and not (out / MANIFEST).is_file():
        raise InputError(f"{out} exists and is no model bundle; give another --out")
    metrics = _metrics(options.metrics)
    new = out.with_name(out.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        _fill(run, judged, frames, new, out.name, options, metrics)
        ModelBundle.load(new)
    except BaseException:
        shutil.rmtree(new)
        raise
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    return ModelBundle.load(out)


def _fill(
    run: Run, judged: Judged, frames: Frames, folder: Path, name: str, options: ExportOptions, metrics: dict[str, Any]
) -> None:
    network = run.trained_network()
    graph = write_onnx(Exported(network).eval(), folder / MODEL)
    manifest = _manifest(run, judged, folder, name, graph)
    manifest |= {"thresholds": {"anomaly_score": options.threshold}, "metrics": metrics}
    _write(folder, manifest)
    engine = open_engine(ModelBundle.load(folder), "onnxruntime")
    parity = compare(NetworkEngine(network), engine, run.input_spec, frames, options.parity_frames)
    print(parity)
    _write(folder, {**manifest, "parity": parity.check()})


def _manifest(run: Run, judged: Judged, folder: Path, name: str, graph: onnx.ModelProto) -> dict[str, Any]:
    size, facts = run.config.network.size, run.statistics
    shapes = {"inputs": input_shapes(size), "outputs": output_shapes(graph)}
    return {
        "format": FORMAT,
        "name": name,
        "label_set": run.label_set.to_dict(),
        "input": run.input_spec.to_dict(),
        "graph": {**shapes, "classes": len(run.label_set.classes), "opset": OPSET},
        "files": {"fp32": {"name": MODEL, "sha256": hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()}},
        "normalisation": {
            "inside_graph": True,
            "image": {"mean": facts.image_mean, "std": facts.image_std},
            "lidar": {"mean": facts.lidar_mean, "std": facts.lidar_std},
        },
        "judgement": judged.spec.to_dict(),
        "score": {**judged.score.to_dict(), "data": judged.data, "chosen_on": judged.chosen},
        "statistics": facts.quantities,
        "training": {**run.record, "config": run.config.to_dict()},
    }


def _metrics(files: Sequence[Path]) -> dict[str, Any]:
    """By the files' own names, for several may be of one data set."""
    return {path.stem.removeprefix("metrics_"): _kept(read_json(path)) for path in files}


def _kept(data: dict[str, Any]) -> dict[str, Any]:
    return {k: _kept(v) if isinstance(v, dict) else v for k, v in data.items() if k not in LEFT_OUT}


def _write(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(finite(manifest), indent=1) + "\n", encoding="utf-8")
