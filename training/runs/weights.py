"""Weights as safetensors: numbers and texts, nothing that could be code."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from fm_ood_ros.errors import InputError


def save_weights(path: Path, network: nn.Module) -> None:
    """Writes a network's weights and buffers."""
    write(path, detached(network.state_dict()), {})


def load_weights(path: Path, network: nn.Module) -> None:
    """Reads weights into a network of the same shape; raises InputError naming the file."""
    tensors, _ = read(path)
    fill(path, network, tensors)


def digest(path: Path) -> str:
    """sha256 of a file of weights."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def detached(state: dict[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    """Tensors as a file holds them, by name under a prefix."""
    return {prefix + name: value.detach().cpu().contiguous() for name, value in state.items()}


def fill(path: Path, module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Puts tensors of a file into a module; raises InputError naming the file."""
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        what = " ".join(str(error).split())
        raise InputError(f"{path} does not fit this network ({what}); use its own configuration") from error


def write(path: Path, tensors: dict[str, Tensor], facts: dict[str, str]) -> None:
    """Writes a file whole or not at all."""
    new = path.with_suffix(".new")
    save_file(tensors, str(new), metadata=facts)
    new.replace(path)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and texts of a file; raises InputError naming it."""
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path} is no safetensors file ({error}); give one that training wrote") from error
