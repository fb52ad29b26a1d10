"""What describes a kind of unknown object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulation.world.world import Thing, World

Size = tuple[float, float, float]
Build = Callable[[World, np.random.Generator, Thing, Size], None]
Tier = Literal["near", "far"]
Posture = Literal["standing", "hanging", "leaning", "facing"]


@dataclass(frozen=True)
class Kind:
    """build: puts the object together inside its box; small, large: length, width, height of the extremes, metres

    tier: near is easily taken for a known thing, far is not
    posture: hanging kinds stand or hang; leaning ones slant towards +x, where something must hold them;
    facing ones turn their flat side (-x) towards the traffic
    """

    build: Build
    family: str
    tier: Tier
    small: Size
    large: Size
    posture: Posture = "standing"

    def draw_size(self, rng: np.random.Generator) -> Size:
        """A size between the extremes, proportions nearly kept."""
        share = np.clip(rng.random() + rng.normal(0, 0.12, 3), 0, 1)
        length, width, height = np.array(self.small) * (1 - share) + np.array(self.large) * share
        return float(length), float(width), float(height)
