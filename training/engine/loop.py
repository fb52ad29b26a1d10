"""The training loop."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import Tensor

from fm_ood_ros.errors import InputError
from fm_ood_ros.memory import keep_freed_memory
from fm_ood_ros.model.label_sets import LabelSet
from training.config import Config
from training.data.frames import Frames
from training.data.opening import open_frames
from training.data.samples import SampleStream, training_loader
from training.data.statistics import Statistics
from training.data.statistics_cache import cached_statistics
from training.engine.learner import Learner
from training.evaluate.evaluation import run_evaluation
from training.evaluate.subject import Subject
from training.runs.account import headline, record
from training.runs.checkpoint import load_checkpoint, save_checkpoint
from training.runs.progress import EVENTS, Progress, keep_until
from training.runs.run import BEST, CHECKPOINT, LOG, RECORD, WEIGHTS, Run, finished, write_json
from training.runs.weights import digest, load_weights, save_weights


def fit(
    config: Config,
    data: Path,
    out: Path,
    resume: bool = False,
    stop_after: int | None = None,
    val: Path | None = None,
    start: Path | None = None,
) -> Run:
    """Trains on the data set at `data` and leaves a run in `out`.

    resume: go on from the last checkpoint in `out`, to the same weights as without the break
    stop_after: leave off after that many steps, as a break would; val: validation set, for early stop
    start: a finished run whose weights this one begins with, its first step the schedule's first

    Raises InputError when `out` holds a run already, or one of other settings when resuming.
    """
    if config.optimiser.threads:
        torch.set_num_threads(config.optimiser.threads)
    keep_freed_memory(2**28)
    accelerator = new_accelerator(config)
    label_set = LabelSet.load(config.label_set)
    frames = open_frames(data, config.data, label_set, config.data.train_sequences)
    config = config.for_frames(len(frames))
    held_out = _held_out(config, label_set, val)
    run = _resumed(config, out) if resume else _new_run(config, label_set, frames, out, accelerator, start)
    learner = Learner.new(run, pretrained=not resume)
    if start is not None and not resume:
        for network in {learner.network, learner.judged}:
            load_weights(finished(start), network)
    step = load_checkpoint(out / CHECKPOINT, learner) if resume else 0
    log = out / LOG if accelerator.is_main_process else None
    if log:
        keep_until(log, step)
        print(headline(run, learner, frames, accelerator), flush=True)
    progress = Progress(step, config.optimiser.iterations, config.log_every, log)
    end = min(config.optimiser.iterations, stop_after or config.optimiser.iterations)
    _train(run, learner, SampleStream(frames, label_set, config), held_out, accelerator, progress, end)
    if accelerator.is_main_process and (end == config.optimiser.iterations or _patience_ends(run, learner)):
        _finish(run, learner, frames, progress, start)
    accelerator.wait_for_everyone()
    return run


def new_accelerator(config: Config) -> Accelerator:
    """For whatever device and number of processes this one was started with."""
    idle_heads = config.network.unimodal_heads and config.cross_modal.method == "none"
    handlers = [DistributedDataParallelKwargs(find_unused_parameters=True)] if idle_heads else []
    cpu = not torch.accelerator.is_available()  # else it sees no processes
    return Accelerator(cpu=cpu, mixed_precision="no", kwargs_handlers=handlers)  # precision is the configuration's


def _train(
    run: Run,
    learner: Learner,
    stream: SampleStream,
    held_out: Frames | None,
    accelerator: Accelerator,
    progress: Progress,
    end: int,
) -> None:
    config = run.config
    loader = training_loader(stream, progress.step, end, _share(config, accelerator))
    trained, batches, *_ = accelerator.prepare(learner.objective, loader, *learner.optimisers)  # moves all three
    learner.judged.to(accelerator.device)
    trained.train()
    for sample in batches:
        if _patience_ends(run, learner):  # also where a run resumes that had ended so
            break
        progress.data_came()
        # dropout and channel draws depend on the seed and the step alone, so that a break changes nothing
        torch.manual_seed(config.seed * 1_000_003 + progress.step)
        losses = trained(sample, config.synthesis.weight(progress.step / config.optimiser.iterations))
        accelerator.backward(learner.scaler.scale(losses["total"]))
        learner.step(config.optimiser.clip)
        rate = float(learner.schedules[-1].get_last_lr()[0])
        for schedule in learner.schedules:
            schedule.step()
        if learner.average:
            learner.average.update(learner.network, progress.step)
        if learner.scaler.is_enabled():
            losses["loss_scale"] = losses["total"].new_tensor(learner.scaler.get_scale())
        progress.step_done(_over_processes(losses, accelerator), rate)
        ends = progress.step == config.optimiser.iterations
        if held_out is not None and (progress.step % config.stopping.every == 0 or ends):
            _validate(run, learner, held_out, accelerator, progress)
        last = progress.step == end or _patience_ends(run, learner)
        if accelerator.is_main_process and (progress.step % config.save_every == 0 or last):
            save_checkpoint(run.path / CHECKPOINT, progress.step, learner)


def _validate(run: Run, learner: Learner, held_out: Frames, accelerator: Accelerator, progress: Progress) -> None:
    """The main process judges, every process learns how it went; the best weights are kept."""
    judged = torch.zeros((), device=accelerator.device)
    if accelerator.is_main_process:
        subject = Subject.of_network(learner.judged, run)
        counted = run_evaluation(subject, held_out, scores=(), at_most=run.config.stopping.frames)
        judged += counted.alone.semantic.result()["miou"]
        learner.network.train()
    miou = float(accelerator.reduce(judged))
    best = learner.stop.better(miou, progress.step)
    if accelerator.is_main_process and best:
        save_weights(run.path / BEST, learner.judged)
    progress.validated(miou)


def _finish(run: Run, learner: Learner, frames: Frames, progress: Progress, start: Path | None) -> None:
    if learner.stop.step:
        shutil.copyfile(run.path / BEST, run.path / WEIGHTS)
    else:
        save_weights(run.path / WEIGHTS, learner.judged)
    begun = {} if start is None else {"start": {**Run.load(start).record, "weights": digest(finished(start))}}
    write_json(run.path / RECORD, record(run, learner, frames, progress) | begun)


def _patience_ends(run: Run, learner: Learner) -> bool:
    return learner.stop.exhausted(run.config.stopping.patience)


def _over_processes(losses: dict[str, Tensor], accelerator: Accelerator) -> dict[str, Tensor]:
    """Means over the processes; each of them sees its own share of the batch."""
    values = accelerator.reduce(torch.stack([loss.detach() for loss in losses.values()]), "mean")
    return dict(zip(losses, values, strict=True))


def _held_out(config: Config, label_set: LabelSet, val: Path | None) -> Frames | None:
    if not config.stopping.every:
        return None
    if val is None:
        raise InputError("stopping.every needs a validation set; give one with --val, or set it to 0")
    return open_frames(val, config.data, label_set, config.data.val_sequences)


def _new_run(
    config: Config, label_set: LabelSet, frames: Frames, out: Path, accelerator: Accelerator, start: Path | None
) -> Run:
    if any((out / name).exists() for name in (CHECKPOINT, WEIGHTS)):
        raise InputError(f"{out} holds a run already; go on with --resume, or give another --out")
    with accelerator.main_process_first():  # it measures, the others find what it found
        measured = cached_statistics(frames, label_set, config)
        run = Run(out, config, label_set, _begun(measured, config, start) if start else measured)
    if accelerator.is_main_process:
        run.save()
        for old in (out / LOG, *out.glob(EVENTS + "*")):
            old.unlink(missing_ok=True)
    return run


def _begun(measured: Statistics, config: Config, start: Path) -> Statistics:
    """What is measured on the new data, but the scales of the inputs that the first weights were learnt with."""
    before = Run.load(start)
    if before.config.network != config.network or before.config.label_set != config.label_set:
        raise InputError(f"{start} has another network or label set; start from a run of the same ones")
    scales = {name: getattr(before.statistics, name) for name in ("image_mean", "image_std", "lidar_mean", "lidar_std")}
    return dataclasses.replace(measured, **scales)


def _resumed(config: Config, out: Path) -> Run:
    run = Run.load(out)
    if run.config != config:
        mine, theirs = config.to_dict(), run.config.to_dict()
        changed = [key for key in mine if mine[key] != theirs[key]]
        raise InputError(f"{out} was started with other settings of {changed}; resume with the same configuration")
    if not (out / CHECKPOINT).is_file():
        raise InputError(f"{out} has no {CHECKPOINT} yet; start it anew without --resume")
    return run


def _share(config: Config, accelerator: Accelerator) -> int:
    batch, processes = config.optimiser.batch, int(accelerator.num_processes)
    if batch % processes:
        raise InputError(
            f"optimiser.batch is {batch}, expected a multiple of the {processes} processes; correct the configuration"
        )
    return batch // processes
