"""The training loop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from fm_ood_ros.errors import InputError
from fm_ood_ros.label_sets import LabelSet
from training.checkpoint import load_checkpoint, save_checkpoint, save_weights
from training.config import Config
from training.data.samples import SampleStream, training_loader
from training.data.semantic_kitti import SemanticKitti
from training.losses import log_inverse_frequency
from training.memory import keep_freed_memory
from training.models.cost import multiply_accumulates, parameters
from training.models.fusion import LateFusion
from training.objective import Objective
from training.progress import Progress
from training.run import CHECKPOINT, LOG, RECORD, WEIGHTS, Run, revision, write_json
from training.statistics import measure


@dataclass(frozen=True)
class Learner:
    """What a checkpoint holds: the network and what changes it."""

    network: LateFusion
    optimiser: AdamW
    schedule: OneCycleLR

    @classmethod
    def new(cls, run: Run) -> Learner:
        """From the run's seed."""
        settings = run.config.optimiser
        torch.manual_seed(run.config.seed)
        network = run.new_network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
        schedule = OneCycleLR(
            optimiser, settings.learning_rate, settings.iterations, pct_start=settings.warmup, final_div_factor=100.0
        )
        return cls(network, optimiser, schedule)


def fit(config: Config, data: Path, out: Path, resume: bool = False, stop_after: int | None = None) -> Run:
    """Trains on the data set at `data` and leaves a run in `out`.

    resume: go on from the last checkpoint in `out`, to the same weights as without the break
    stop_after: leave off after that many steps, as a break would

    Raises InputError when `out` holds a run already, or one of other settings when resuming.
    """
    if config.optimiser.threads:
        torch.set_num_threads(config.optimiser.threads)
    keep_freed_memory()
    accelerator = Accelerator(cpu=not torch.accelerator.is_available())  # said outright, else it sees no processes
    label_set = LabelSet.load(config.label_set)
    frames = SemanticKitti(data, config.data.train_sequences, label_set, config.data.camera, config.data.labels)
    run = _resumed(config, out) if resume else _new_run(config, label_set, frames, out, accelerator)
    learner = Learner.new(run)
    step = load_checkpoint(out / CHECKPOINT, learner.network, learner.optimiser, learner.schedule) if resume else 0
    if accelerator.is_main_process:
        print(_headline(run, learner.network, frames, accelerator), flush=True)
    progress = Progress(step, config.optimiser.iterations, config.log_every, _log(out, accelerator))
    end = min(config.optimiser.iterations, stop_after or config.optimiser.iterations)
    _train(run, learner, SampleStream(frames, label_set, config), accelerator, progress, end)
    if accelerator.is_main_process and end == config.optimiser.iterations:
        save_weights(out / WEIGHTS, learner.network)
        write_json(out / RECORD, _record(run, learner.network, frames, progress))
    accelerator.wait_for_everyone()
    return run


def _train(
    run: Run, learner: Learner, stream: SampleStream, accelerator: Accelerator, progress: Progress, end: int
) -> None:
    config = run.config
    alpha = log_inverse_frequency(torch.tensor(run.statistics.class_counts))
    objective = Objective(learner.network, alpha, config)
    loader = training_loader(stream, progress.step, end, _share(config, accelerator))
    trained, optimiser, batches = accelerator.prepare(objective, learner.optimiser, loader)
    trained.train()
    for sample in batches:
        progress.data_came()
        # dropout and channel draws depend on the seed and the step alone, so that a break changes nothing
        torch.manual_seed(config.seed * 1_000_003 + progress.step)
        losses = trained(sample, config.synthesis.weight(progress.step / config.optimiser.iterations))
        accelerator.backward(losses["total"])
        accelerator.clip_grad_norm_(trained.parameters(), config.optimiser.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        rate = float(learner.schedule.get_last_lr()[0])
        learner.schedule.step()
        progress.step_done(losses, rate)
        if accelerator.is_main_process and (progress.step % config.save_every == 0 or progress.step == end):
            path = run.path / CHECKPOINT
            save_checkpoint(path, progress.step, learner.network, learner.optimiser, learner.schedule)


def _new_run(config: Config, label_set: LabelSet, frames: SemanticKitti, out: Path, accelerator: Accelerator) -> Run:
    if any((out / name).exists() for name in (CHECKPOINT, WEIGHTS)):
        raise InputError(f"{out} holds a run already; go on with --resume, or give another --out")
    run = Run(out, config, label_set, measure(frames, label_set, config.network.size))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        run.save()
        (out / LOG).unlink(missing_ok=True)
    return run


def _resumed(config: Config, out: Path) -> Run:
    run = Run.load(out)
    if run.config != config:
        mine, theirs = config.to_dict(), run.config.to_dict()
        changed = [key for key in mine if mine[key] != theirs[key]]
        raise InputError(f"{out} was started with other settings of {changed}; resume with the same configuration")
    return run


def _share(config: Config, accelerator: Accelerator) -> int:
    batch, processes = config.optimiser.batch, int(accelerator.num_processes)
    if batch % processes:
        raise InputError(
            f"optimiser.batch is {batch}, expected a multiple of the {processes} processes; correct the configuration"
        )
    return batch // processes


def _log(out: Path, accelerator: Accelerator) -> Path | None:
    return out / LOG if accelerator.is_main_process else None


def _headline(run: Run, network: LateFusion, frames: SemanticKitti, accelerator: Accelerator) -> str:
    settings = run.config.optimiser
    return (
        f"{parameters(network) / 1e6:.2f} M parameters, {multiply_accumulates(network) / 1e9:.2f} GMAC per frame; "
        f"{len(frames)} frames, {settings.iterations} steps of {settings.batch} on {accelerator.device} with "
        f"{accelerator.num_processes} process(es) of {torch.get_num_threads()} threads"
    )


def _record(run: Run, network: LateFusion, frames: SemanticKitti, progress: Progress) -> dict[str, object]:
    return {
        "seed": run.config.seed,
        "revision": revision(),
        "torch": torch.__version__,
        "data": frames.root.name,
        "frames": len(frames),
        "steps": progress.step,
        "parameters": parameters(network),
        "multiply_accumulates": multiply_accumulates(network),
        "seconds_since_start_or_resume": round(progress.seconds, 1),
        "seconds_waiting_for_data": round(progress.waited, 1),
    }
