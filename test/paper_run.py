"""The paper's configurations on a handful of real frames: the same command, a smaller size."""

from __future__ import annotations

from pathlib import Path

import training
from training.__main__ import main
from training.runs.run import Run

CONFIGS = Path(training.__file__).parent / "configs"
SMALLER = ("network.size=[64, 256]", "optimiser.epochs=1", "optimiser.batch=2", "optimiser.threads=1")


def paper_run(name: str, data: Path, out: Path, *settings: str) -> Run:
    """One pass over `data` with training/configs/NAME.yaml, judged on `data`; settings: for what a sample lacks."""
    overrides = [part for s in (*SMALLER, "data.workers=0", "log_every=1", *settings) for part in ("--set", s)]
    where = ["--data", str(data), "--val", str(data), "--out", str(out)]
    assert main(["fit", "--config", str(CONFIGS / f"{name}.yaml"), *overrides, *where]) == 0
    return Run.load(out)
