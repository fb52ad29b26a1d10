"""Who stands where: boxes in road coordinates that nothing else may enter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.world.centreline import Centreline


@dataclass(frozen=True)
class Footprint:
    """Half length along s and half width along d of an object turned by yaw against the road."""

    half_s: float
    half_d: float

    @staticmethod
    def of(length: float, width: float, yaw: float = 0.0) -> Footprint:
        """The box around a turned rectangle of length by width, metres."""
        c, s = abs(np.cos(yaw)), abs(np.sin(yaw))
        return Footprint((c * length + s * width) / 2, (s * length + c * width) / 2)


class Claims:
    """Boxes (s0, s1, d0, d1); a moving object claims all it sweeps. Members of one group share their lane."""

    def __init__(self, line: Centreline) -> None:
        self._line = line
        self._boxes = np.zeros((0, 4))
        self._groups = np.zeros(0, int)
        self._codes = {"": 0}  # of groups
        self._reserved: list[tuple[float, float, float, float]] = []

    def reserve(self, box: tuple[float, float, float, float]) -> None:
        """Keeps a box for those that ask for reserved ground."""
        self._reserved.append(box)

    def box(self, s: float, d: float, foot: Footprint, travel: float = 0.0) -> tuple[float, float, float, float]:
        """What an object takes that goes `travel` metres along s."""
        half = foot.half_s / self._line.shrink(s, d) + 0.1
        return (min(s, s + travel) - half, max(s, s + travel) + half, d - foot.half_d, d + foot.half_d)

    def free(
        self,
        box: tuple[float, float, float, float],
        margin: tuple[float, float] = (0.3, 0.15),
        group: str = "",
        reserved: bool = False,
    ) -> bool:
        """Whether nothing of another group lies within the margin (along s, along d) of a box.

        reserved: whether the box may lie on reserved ground
        """
        s0, s1, d0, d1 = box
        if not reserved and any(s0 < a1 and a0 < s1 and d0 < b1 and b0 < d1 for a0, a1, b0, b1 in self._reserved):
            return False
        ms, md = margin
        a0, a1, b0, b1 = self._boxes.T
        hit = (s0 - ms < a1) & (a0 < s1 + ms) & (d0 - md < b1) & (b0 < d1 + md)
        if group:
            hit &= self._groups != self._codes.get(group, -1)
        return not bool(hit.any())

    def take(
        self,
        box: tuple[float, float, float, float],
        margin: tuple[float, float] = (0.3, 0.15),
        group: str = "",
        reserved: bool = False,
    ) -> bool:
        """Claims a box if it is free."""
        if not self.free(box, margin, group, reserved):
            return False
        self._boxes = np.vstack([self._boxes, box])
        self._groups = np.append(self._groups, self._codes.setdefault(group, len(self._codes)))
        return True
