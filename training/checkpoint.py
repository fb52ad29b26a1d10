"""Weights and the state of a run as safetensors: numbers and JSON, nothing that could be code."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from fm_ood_ros.errors import InputError

_WEIGHTS, _MOMENTS = "network.", "optimiser."


def save_weights(path: Path, network: nn.Module) -> None:
    """Writes a network's weights and buffers."""
    _write(path, _detached(network.state_dict()), {})


def load_weights(path: Path, network: nn.Module) -> None:
    """Reads weights into a network of the same shape; raises InputError naming the file."""
    tensors, _ = _read(path)
    _fill(path, network, tensors)


def save_checkpoint(
    path: Path,
    step: int,
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    """Writes all that a run needs to go on after `step` steps; a break while writing leaves the previous file."""
    state = optimiser.state_dict()
    tensors = {_WEIGHTS + name: value for name, value in _detached(network.state_dict()).items()}
    for index, moments in state["state"].items():
        tensors |= _detached({f"{_MOMENTS}{index}.{name}": value for name, value in moments.items()})
    plain = {k: v for k, v in schedule.state_dict().items() if isinstance(v, (int, float, bool, list, str))}
    facts = {"step": step, "groups": state["param_groups"], "schedule": plain}
    _write(path, tensors, {name: json.dumps(fact) for name, fact in facts.items()})


def load_checkpoint(
    path: Path,
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> int:
    """Reads what save_checkpoint wrote and returns the number of steps done; raises InputError naming the file."""
    tensors, facts = _read(path)
    try:
        groups, plain, step = json.loads(facts["groups"]), json.loads(facts["schedule"]), int(json.loads(facts["step"]))
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"{path} is no checkpoint of a run (lacks or garbles {error}); start the run anew") from error
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith(_MOMENTS):
            index, _, key = name.removeprefix(_MOMENTS).partition(".")
            layout = torch.channels_last if value.dim() == 4 else torch.contiguous_format  # as the weights lie
            moments.setdefault(int(index), {})[key] = value.contiguous(memory_format=layout)
    _fill(path, network, {n.removeprefix(_WEIGHTS): v for n, v in tensors.items() if n.startswith(_WEIGHTS)})
    optimiser.load_state_dict({"state": moments, "param_groups": groups})
    schedule.load_state_dict(plain)
    return step


def _detached(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in state.items()}


def _fill(path: Path, network: nn.Module, tensors: dict[str, Tensor]) -> None:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        what = " ".join(str(error).split())
        raise InputError(
            f"{path} does not fit this network ({what}); use the configuration it was made with"
        ) from error


def _write(path: Path, tensors: dict[str, Tensor], facts: dict[str, str]) -> None:
    new = path.with_suffix(".new")
    save_file(tensors, str(new), metadata=facts)
    new.replace(path)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path} is no safetensors file ({error}); give one that training wrote") from error
