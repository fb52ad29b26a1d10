"""How a model's verdicts are judged: over which neighbourhoods points share what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.fields import Fields, shown

RAW_SCORES = ("msp", "max_logit", "energy", "entropy", "gen")  # their formulas: fm_ood_ros/judgement/scores.py
NEIGHBOURHOODS = ("evidence", "objects", "smooth")
LIMITS: dict[str, tuple[float, float]] = {
    "rise": (0.001, 1),
    "height": (0, 10),
    "overhead": (0, 100),
    "alike": (0, 1),
    "largest": (0, 1000),
    "together": (0, 1),
}
COARSEST = 8  # tilings of one neighbourhood


@dataclass(frozen=True)
class Neighbourhood:
    """Cells of max(metres, share * range), of so many shifted lattices; no lattice leaves every point alone."""

    metres: float
    share: float
    tilings: int

    @classmethod
    def from_fields(cls, fields: Fields) -> Neighbourhood:
        """From the manifest; raises FieldError."""
        found = cls(
            fields.number("metres", 0, 100), fields.number("share", 0, 1), fields.integer("tilings", 0, COARSEST)
        )
        if found.tilings and not (found.metres > 0 and found.share > 0):
            raise FieldError(f"'{fields.place}' has cells of no size; expected metres and share above 0")
        return found


@dataclass(frozen=True)
class JudgementSpec:
    """The manifest's `judgement`.

    score: the raw anomaly score's name; evidence: over which logits are averaged; smooth: over which scores are
    objects: how near points of one object lie (tilings 0: no objects); rise: the same upwards, as a share of the range
    height, overhead: metres above the lowest point around from which something stands on the ground, and hangs over it
    alike: overlap, the sum of the smaller probabilities, up to which neighbours of two classes are different things
    largest: metres across a thing; what is larger is a surface whose points keep their own scores
    together: how much of what is told of a point of a thing is the mean over the thing
    fewest: patches of an unknown object
    """

    score: str
    evidence: Neighbourhood = Neighbourhood(0.3, 0.02, 2)
    objects: Neighbourhood = Neighbourhood(0.35, 0.02, 1)
    smooth: Neighbourhood = Neighbourhood(0.5, 0.04, 1)
    rise: float = 0.03
    height: float = 0.25
    overhead: float = 3.0
    alike: float = 0.6
    largest: float = 10.0
    together: float = 0.5
    fewest: int = 5

    @classmethod
    def alone(cls, score: str) -> JudgementSpec:
        """Every point by itself."""
        none = Neighbourhood(0.5, 0.02, 0)
        return cls(score, none, none, none)

    @classmethod
    def from_dict(cls, data: object) -> JudgementSpec:
        """From what to_dict gives; raises FieldError."""
        spec = Fields(data, "judgement")
        score = spec.text("score")
        if score not in RAW_SCORES:
            raise FieldError(f"'judgement.score' is {shown(score)}, expected one of {list(RAW_SCORES)}")
        evidence, objects, smooth = (Neighbourhood.from_fields(spec.object(name)) for name in NEIGHBOURHOODS)
        numbers = {name: spec.number(name, *limits) for name, limits in LIMITS.items()}
        return cls(score, evidence, objects, smooth, fewest=spec.integer("fewest", 1, 1000), **numbers)

    def to_dict(self) -> dict[str, Any]:
        """The manifest's `judgement`."""
        parts = {name: vars(getattr(self, name)) for name in NEIGHBOURHOODS}
        numbers = {name: getattr(self, name) for name in (*LIMITS, "fewest")}
        return {"score": self.score, **parts, **numbers}
