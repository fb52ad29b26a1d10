"""Published weights of a backbone, from a local file; nothing in it is ever run."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from fm_ood_ros.errors import InputError


def load_backbone(path: Path, backbone: nn.Module) -> None:
    """Fills a ResNet from a .safetensors or .pth file with torchvision's names; its classifier `fc` is left out.

    Raises InputError naming the file when it holds anything but weights, or weights of another network.
    """
    tensors = {name: value for name, value in _tensors(path).items() if not name.startswith("fc.")}
    try:
        backbone.load_state_dict(tensors)
    except RuntimeError as error:
        what = " ".join(str(error).split())
        raise InputError(
            f"{path} does not fit this backbone ({what}); give weights of network.paper.backbone"
        ) from error


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} is no file of weights alone: it is broken or holds objects, which could run code when loaded; "
            "give a state dict as torchvision publishes it"
        ) from error
    except (OSError, SafetensorError, RuntimeError, EOFError, ValueError) as error:
        what = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read as weights ({what}); give a .safetensors or .pth file") from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError(f"{path} holds more than tensors by name; give a state dict as torchvision publishes it")
    return found
