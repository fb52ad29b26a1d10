"""What a run says about itself."""

from __future__ import annotations

import torch
from accelerate import Accelerator

from training.data.frames import Frames
from training.engine.device import device_name
from training.engine.learner import Learner
from training.models.cost import multiply_accumulates, parameters
from training.runs.progress import Progress
from training.runs.run import Run, revision


def headline(run: Run, learner: Learner, frames: Frames, accelerator: Accelerator) -> str:
    """What a run says of itself at its start."""
    settings, network = run.config.optimiser, learner.network
    return (
        f"{parameters(network) / 1e6:.2f} M parameters, {multiply_accumulates(network) / 1e9:.2f} GMAC per frame; "
        f"{len(frames)} frames, {settings.iterations} steps of {settings.batch} on {accelerator.device} with "
        f"{accelerator.num_processes} process(es) of {torch.get_num_threads()} threads"
    )


def record(run: Run, learner: Learner, frames: Frames, progress: Progress) -> dict[str, object]:
    """What a run leaves beside its weights."""
    stop = learner.stop
    return {
        "seed": run.config.seed,
        "revision": revision(),
        "torch": torch.__version__,
        "device": device_name(),
        "data": frames.root.name,
        "frames": len(frames),
        "steps": progress.step,
        "best_validation": {"step": stop.step, "miou": stop.best} if stop.step else None,
        "parameters": parameters(learner.network),
        "multiply_accumulates": multiply_accumulates(learner.network),
        "seconds_since_start_or_resume": round(progress.seconds, 1),
        "seconds_waiting_for_data": round(progress.waited, 1),
    }
