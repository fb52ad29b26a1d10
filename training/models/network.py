"""The networks by name."""

from __future__ import annotations

from collections.abc import Callable

from training.models.compact import CompactFusion, TrimodalFusion
from training.models.config import NetworkConfig
from training.models.fusion import LateFusion, Scale
from training.models.paper import PaperFusion

NETWORKS: dict[str, Callable[[int, NetworkConfig, Scale, Scale], LateFusion]] = {
    "compact": CompactFusion,
    "trimodal": TrimodalFusion,
    "paper": PaperFusion,
}
