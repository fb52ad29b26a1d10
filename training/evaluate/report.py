"""An evaluation as files: JSON, pictures, and the table that is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.data.frames import Frames
from training.data.miscalibration import Miscalibrated
from training.evaluate.evaluation import Evaluation
from training.evaluate.pictures import write_pictures
from training.evaluate.table import table
from training.runs.run import write_json


def report(evaluation: Evaluation, frames: Frames, out: Path, split: str | None = None) -> None:
    """Prints the table, writes `out`, and pictures into a folder of the same name; split: of a benchmark, if any."""
    facts = record(evaluation, frames, split)
    print(table(facts))
    write_json(out, facts)
    pictures = write_pictures(evaluation, out.with_suffix(""))
    print(f"written to {out}, {len(pictures)} pictures to {out.with_suffix('')}")


def record(evaluation: Evaluation, frames: Frames, split: str | None = None) -> dict[str, Any]:
    """What was judged on what, Evaluation.result, and where the weights come from."""
    subject, root = evaluation.subject, frames.root.resolve()
    turned = {"extrinsic_error_degrees": frames.degrees} if isinstance(frames, Miscalibrated) else {}
    return {
        "data": root.parent.name if split else root.name,
        "split": split,
        "label_set": evaluation.labels.name,
        "engine": subject.engine.name,
        **subject.facts,
        **turned,
        **evaluation.result(),
        "training": dict(subject.training),
    }
