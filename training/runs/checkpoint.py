"""The state of a run as safetensors: numbers and JSON, nothing that could be code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fm_ood_ros.errors import InputError
from training.engine.learner import Learner
from training.engine.stopping import EarlyStop
from training.runs.weights import detached, fill, read, write

_OBJECTIVE, _AVERAGE, _MOMENTS = "objective.", "average.", "optimiser."


def save_checkpoint(path: Path, step: int, learner: Learner) -> None:
    """Writes all that a run needs to go on after `step` steps; a break while writing leaves the previous file."""
    tensors = detached(learner.objective.state_dict(), _OBJECTIVE)
    if learner.average:
        tensors |= detached(learner.average.network.state_dict(), _AVERAGE)
    states = [optimiser.state_dict() for optimiser in learner.optimisers]
    for place, state in enumerate(states):
        for index, moments in state["state"].items():
            tensors |= detached({k: v for k, v in moments.items() if v is not None}, f"{_MOMENTS}{place}.{index}.")
    facts = {
        "step": step,
        "groups": [state["param_groups"] for state in states],
        "schedules": [_plain(schedule.state_dict()) for schedule in learner.schedules],
        "stop": asdict(learner.stop),
        "scaler": learner.scaler.state_dict(),
    }
    write(path, tensors, {name: json.dumps(fact) for name, fact in facts.items()})


def load_checkpoint(path: Path, learner: Learner) -> int:
    """Reads what save_checkpoint wrote and returns the number of steps done; raises InputError naming the file."""
    tensors, texts = read(path)
    try:
        facts = {name: json.loads(texts[name]) for name in ("step", "groups", "schedules", "stop")}
        fill(path, learner.objective, _part(tensors, _OBJECTIVE))
        if learner.average:
            fill(path, learner.average.network, _part(tensors, _AVERAGE))
        for place, optimiser in enumerate(learner.optimisers):
            moments = _moments(_part(tensors, f"{_MOMENTS}{place}."))
            optimiser.load_state_dict({"state": moments, "param_groups": facts["groups"][place]})
            learner.schedules[place].load_state_dict(facts["schedules"][place])
        vars(learner.stop).update(asdict(EarlyStop(**facts["stop"])))
        learner.scaler.load_state_dict(json.loads(texts.get("scaler", "{}")))  # older ones have none
        return int(facts["step"])
    except InputError:
        raise
    except (LookupError, ValueError, TypeError, RuntimeError) as error:
        raise InputError(f"{path} is no checkpoint of a run (lacks or garbles {error}); start the run anew") from error


def _moments(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    """An optimiser's state by parameter, from tensors by `parameter.name`."""
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        layout = torch.channels_last if value.dim() == 4 else torch.contiguous_format  # as the weights lie
        moments.setdefault(int(index), {})[key] = value.contiguous(memory_format=layout)
    return moments


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    """What of a schedule's state JSON can hold; the rest is made anew with the schedule."""
    return {k: v for k, v in state.items() if isinstance(v, (int, float, bool, list, str))}


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
