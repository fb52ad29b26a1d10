"""What a network costs: parameters and multiply-accumulate operations."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from training.models.fusion import LateFusion


def parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def multiply_accumulates(network: LateFusion) -> int:
    """Multiply-accumulate operations of one frame."""
    return operations_by_part(network)["whole"]


def operations_by_part(network: LateFusion) -> dict[str, int]:
    """Multiply-accumulate operations of one frame: every stream by name, `head` and `whole`; nothing is computed."""
    shapes_only = copy.deepcopy(network).to("meta").eval()
    height, width = network.size
    image = torch.zeros(1, height, width, 3, dtype=torch.uint8, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        shapes_only(image, torch.zeros(1, 5, height, width, device="meta"))
    counts = {name.rpartition(".")[2]: sum(flops.values()) // 2 for name, flops in counter.get_flop_counts().items()}
    whole = int(counter.get_total_flops()) // 2
    parts = {name: counts[name] for name in network.streams}
    return {**parts, "head": whole - sum(parts.values()), "whole": whole}
