"""The manifest's `judgement`: there and back, and each step that makes no sense refused by name."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.judgement_spec import RAW_SCORES, JudgementSpec, Neighbourhood

DATA: dict[str, Any] = {
    "score": "energy",
    "evidence": {"metres": 0.25, "share": 0.015, "tilings": 2},
    "objects": {"metres": 0.4, "share": 0.03, "tilings": 1},
    "smooth": {"metres": 0.6, "share": 0.05, "tilings": 0},
    "rise": 0.04,
    "height": 0.2,
    "overhead": 2.5,
    "alike": 0.3,
    "largest": 12.0,
    "together": 0.25,
    "fewest": 4,
}


def test_there_and_back():
    spec = JudgementSpec.from_dict(DATA)
    steps = Neighbourhood(0.25, 0.015, 2), Neighbourhood(0.4, 0.03, 1), Neighbourhood(0.6, 0.05, 0)
    expected = JudgementSpec(
        "energy", *steps, rise=0.04, height=0.2, overhead=2.5, alike=0.3, largest=12.0, together=0.25, fewest=4
    )
    assert spec == expected
    assert spec.to_dict() == DATA
    assert JudgementSpec.from_dict(JudgementSpec("gen").to_dict()) == JudgementSpec("gen")


@pytest.mark.parametrize("name", RAW_SCORES)
def test_alone_is_no_step_and_every_score_may_be_alone(name: str):
    spec = JudgementSpec.from_dict(JudgementSpec.alone(name).to_dict())
    assert spec == JudgementSpec.alone(name)
    assert [part.tilings for part in (spec.evidence, spec.objects, spec.smooth)] == [0, 0, 0]


FAULTS: dict[str, tuple[str, object, str]] = {
    "an unknown score": ("score", "loudness", r"'judgement.score' is 'loudness', expected one of \['msp', 'max_logit'"),
    "no score": ("score", None, "'judgement.score' is None, expected a text"),
    "a step in words": ("evidence", "all", "'judgement.evidence' is 'all', expected an object"),
    "a negative cell": ("evidence.metres", -1, "'judgement.evidence.metres' is -1, expected a number from 0 to 100"),
    "cells of no width": ("objects.metres", 0, "'judgement.objects' has cells of no size; expected metres and share"),
    "cells that do not grow": ("smooth.share", 0, "'judgement.smooth' has cells of no size"),
    "a share beyond one": ("objects.share", 1.1, "'judgement.objects.share' is 1.1, expected a number from 0 to 1"),
    "half a lattice": ("smooth.tilings", 0.5, r"'judgement.smooth.tilings' is 0\.5, expected a whole number"),
    "too many lattices": ("evidence.tilings", 9, "'judgement.evidence.tilings' is 9, expected .* from 0 to 8"),
    "a true lattice": ("objects.tilings", True, "'judgement.objects.tilings' is True, expected a whole"),
    "no rise": ("rise", 0, "'judgement.rise' is 0, expected a number from 0.001 to 1"),
    "a height under the ground": ("height", -0.1, r"'judgement.height' is -0\.1, expected a number from 0 to 10"),
    "a sky under the ground": ("overhead", -1, "'judgement.overhead' is -1, expected a number from 0 to 100"),
    "more than alike": ("alike", 1.5, "'judgement.alike' is 1.5, expected a number from 0 to 1"),
    "an endless thing": ("largest", 1001, "'judgement.largest' is 1001, expected a number from 0 to 1000"),
    "more than together": ("together", 2, "'judgement.together' is 2, expected a number from 0 to 1"),
    "an object of nothing": ("fewest", 0, "'judgement.fewest' is 0, expected a whole number from 1 to 1000"),
    "a height of nothing": ("height", float("nan"), "'judgement.height' is nan, expected a number"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_makes_no_sense_is_named(case: str):
    key, value, complaint = FAULTS[case]
    data: dict[str, Any] = copy.deepcopy(DATA)
    data["smooth"]["tilings"] = 1
    *step, last = key.split(".")
    (data[step[0]] if step else data)[last] = value
    with pytest.raises(FieldError, match=complaint):
        JudgementSpec.from_dict(data)


@pytest.mark.parametrize("key", [*DATA, *(f"{s}.{k}" for s in ("evidence", "objects", "smooth") for k in DATA[s])])
def test_what_is_missing_is_named(key: str):
    data = copy.deepcopy(DATA)
    *step, last = key.split(".")
    del (data[step[0]] if step else data)[last]
    with pytest.raises(FieldError, match=f"'judgement.{key}' is missing"):
        JudgementSpec.from_dict(data)


def test_a_step_of_no_lattice_needs_no_cells():
    data = copy.deepcopy(DATA)
    data["smooth"] = {"metres": 0, "share": 0, "tilings": 0}
    assert JudgementSpec.from_dict(data).smooth == Neighbourhood(0, 0, 0)
