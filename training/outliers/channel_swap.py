"""Channel orders that exchange channels between modalities: what Feature Mixing draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from fm_ood_ros.errors import InputError

LEAST = 1e-6  # importance: a channel of none can still be drawn


def swap_order(
    widths: Sequence[int],
    n: int,
    block: bool = False,
    generator: torch.Generator | None = None,
    importance: Tensor | None = None,
) -> Tensor:
    """Channel order [sum of widths] int64 that hands n channels of every modality on to the next, cyclically.

    widths: channels of each modality, two or more; with two of them the order is a swap, its own inverse
    block: n neighbouring channels of each instead of n scattered ones
    importance: of every channel [sum of widths], to draw them by instead of uniformly

    Raises InputError when n exceeds one modality's channels.
    """
    _check(widths, n)
    if block:
        drawn = [torch.arange(start, start + n) for start in block_starts(widths, n, generator)]
    elif importance is not None:
        shares = importance.cpu().float().split(list(widths))
        drawn = [torch.multinomial(share + LEAST, n, generator=generator) if n else torch.arange(0) for share in shares]
    else:
        drawn = [torch.randperm(width, generator=generator)[:n] for width in widths]
    drawn = [channels + offset for channels, offset in zip(drawn, _offsets(widths), strict=True)]
    order = torch.arange(sum(widths))
    order[torch.cat(drawn)] = torch.cat([drawn[-1], *drawn[:-1]])
    return order


def swap_orders(
    count: int,
    widths: Sequence[int],
    n: int,
    generator: torch.Generator | None = None,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Independent orders [count,sum of widths] int64, each as swap_order draws it; generator: of the same device."""
    _check(widths, n)
    drawn = [
        torch.rand(count, width, generator=generator, device=device).topk(n, 1).indices + offset
        for width, offset in zip(widths, _offsets(widths), strict=True)
    ]
    orders = torch.arange(sum(widths), device=device).repeat(count, 1)
    return orders.scatter_(1, torch.cat(drawn, 1), torch.cat([drawn[-1], *drawn[:-1]], 1))


def block_starts(widths: Sequence[int], n: int, generator: torch.Generator | None = None) -> list[int]:
    """First of n neighbouring channels of each modality, uniformly; raises InputError as swap_order does."""
    _check(widths, n)
    return [int(torch.randint(width - n + 1, (), generator=generator)) for width in widths]


def _offsets(widths: Sequence[int]) -> list[int]:
    return [0, *accumulate(widths)][: len(widths)]


def _check(widths: Sequence[int], n: int) -> None:
    if len(widths) < 2 or not 0 <= n <= min(widths):
        raise InputError(
            f"feature mixing got n = {n} and modalities of {list(widths)} channels, expected two or more modalities "
            f"and n from 0 to the fewest channels; choose a smaller n"
        )
