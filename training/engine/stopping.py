"""When to leave off: validation every so many steps, and patience."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class StoppingConfig:
    """Early stop, off unless `every` is given; the weights of the best validation are kept then.

    every: steps between validations; frames: of the validation set, spread evenly
    patience: validations without a better mIoU after which the run ends, 0 for never
    """

    every: int = 0
    frames: int = 100
    patience: int = 5


@dataclass
class EarlyStop:
    """How validation went so far: the best mIoU, its step, and how many validations were no better since."""

    best: float = -math.inf
    step: int = 0
    since: int = 0

    def better(self, miou: float, step: int) -> bool:
        """Takes in a validation; True where it is the best so far."""
        if miou > self.best:
            self.best, self.step, self.since = miou, step, 0
            return True
        self.since += 1
        return False

    def exhausted(self, patience: int) -> bool:
        """True when patience is at its end."""
        return 0 < patience <= self.since
