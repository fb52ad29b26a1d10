"""A training run made into a model bundle."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.graph import OPSET, Verdicts, shapes, write_onnx
from export.parity import compare
from export.scale import known_scores, quantiles
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.manifest import FORMAT, MANIFEST
from training.data.frames import Frames
from training.runs.run import Run, finite, read_json

MODEL = "model.onnx"
LEFT_OUT = (
    "run",
    "config",
    "data",
    "groups",
    "miou_by",
    "thresholds",
)  # of evaluate's file


@dataclass(frozen=True)
class ExportOptions:
    """What to export.

    score: name of the raw anomaly score; threshold: anomaly_score from which a point counts as unknown
    scale_frames, parity_frames: how many validation frames at most; metrics: JSON files that evaluate wrote
    """

    score: str = "max_logit"
    threshold: float = 0.95
    scale_frames: int = 400
    parity_frames: int = 8
    metrics: Sequence[Path] = ()


def export_bundle(run: Run, frames: Frames, out: Path, options: ExportOptions) -> ModelBundle:
    """Writes the bundle `out` and loads it again; frames: the validation set.

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
        _fill(run, frames, new, out.name, options, metrics)
        ModelBundle.load(new)
    except BaseException:
        shutil.rmtree(new)
        raise
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    return ModelBundle.load(out)


def _fill(run: Run, frames: Frames, folder: Path, name: str, options: ExportOptions, metrics: dict[str, Any]) -> None:
    verdicts = Verdicts(run.trained_network(), options.score).eval()
    write_onnx(verdicts, folder / MODEL)
    manifest = _manifest(run, folder, name, options, metrics)
    # a first scale that changes nothing lets the engine open the bundle that the true one is measured with
    manifest["score"] = {"name": options.score, "quantile_levels": [0.25, 0.75], "quantile_values": [0.0, 1.0]}
    _write(folder, manifest)
    bundle = ModelBundle.load(folder)
    engine = open_engine(bundle, "onnxruntime")
    parity = compare(verdicts, engine, run.input_spec, frames, options.parity_frames)
    print(parity)
    manifest["parity"] = parity.check()
    scores = known_scores(run.input_spec, engine, frames, run.label_set, options.scale_frames)
    manifest["score"] = {**quantiles(options.score, scores), "data": frames.root.resolve().name}
    _write(folder, manifest)


def _manifest(run: Run, folder: Path, name: str, options: ExportOptions, metrics: dict[str, Any]) -> dict[str, Any]:
    inputs, outputs = shapes(run.config.network.size)
    facts = run.statistics
    return {
        "format": FORMAT,
        "name": name,
        "label_set": run.label_set.to_dict(),
        "input": run.input_spec.to_dict(),
        "graph": {"inputs": inputs, "outputs": outputs, "classes": len(run.label_set.classes), "opset": OPSET},
        "files": {"fp32": {"name": MODEL, "sha256": hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()}},
        "normalisation": {
            "inside_graph": True,
            "image": {"mean": facts.image_mean, "std": facts.image_std},
            "lidar": {"mean": facts.lidar_mean, "std": facts.lidar_std},
        },
        "thresholds": {"anomaly_score": options.threshold},
        "statistics": facts.quantities,
        "training": {**run.record, "config": run.config.to_dict()},
        "metrics": metrics,
    }


def _metrics(files: Sequence[Path]) -> dict[str, Any]:
    found = {}
    for path in files:
        data = read_json(path)
        key = f"{data.get('data', path.stem)}"
        found[key] = {k: v for k, v in data.items() if k not in LEFT_OUT}
    return found


def _write(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(finite(manifest), indent=1) + "\n", encoding="utf-8")
