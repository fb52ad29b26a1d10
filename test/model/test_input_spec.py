"""The manifest's `input`: there and back, and each bound that makes no sense refused by name."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fm_ood_ros.errors import FieldError
from fm_ood_ros.model.input_spec import InputSpec

DATA: dict[str, Any] = {
    "height": 160,
    "width": 640,
    "elevation": [-25.0, 3.0],
    "frame": "mount",
    "limits": {"range": [0.0, 100.0], "height": [-5.0, 15.0], "intensity": 2.0},
}


def test_there_and_back():
    spec = InputSpec.from_dict(DATA)
    assert spec == InputSpec((160, 640), (-25.0, 3.0), "mount", (0.0, 100.0), (-5.0, 15.0), 2.0)
    assert spec.to_dict() == DATA
    assert InputSpec.from_dict({**DATA, "frame": "lidar"}).frame == "lidar"


FAULTS: dict[str, tuple[str, object, str]] = {
    "no height": ("height", 0, "'input.height' is 0, expected a whole number from 1 to 8192"),
    "a negative width": ("width", -640, "'input.width' is -640, expected a whole"),
    "a huge width": ("width", 10**9, "'input.width' is 1000000000, expected a whole"),
    "a width of a part": ("width", 640.0, r"'input.width' is 640\.0, expected a whole"),
    "a true width": ("width", True, "'input.width' is True, expected a whole"),
    "falling elevation": ("elevation", [3, -25], r"'input.elevation' is \[3, -25\], expected the lower value first"),
    "steep elevation": ("elevation", [-91, 3], r"'input.elevation\[0\]' is -91, expected a number from -90 to 90"),
    "one elevation": ("elevation", [3], r"'input.elevation' is \[3\], expected a list of 2"),
    "another frame": ("frame", "map", r"'input.frame' is 'map', expected one of \['mount', 'lidar'\]"),
    "no frame": ("frame", None, "'input.frame' is None, expected a text"),
    "no limits": ("limits", None, "'input.limits' is None, expected an object"),
    "a negative range": ("limits.range", [-1, 100], r"'input.limits.range\[0\]' is -1, expected a number from 0"),
    "no range": ("limits.range", [0, 0], r"'input.limits.range' is \[0, 0\], expected the lower value first"),
    "an endless range": ("limits.range", [0, float("inf")], r"'input.limits.range\[1\]' is inf"),
    "a range of nothing": ("limits.range", [float("nan"), 1], r"'input.limits.range\[0\]' is nan"),
    "falling height": ("limits.height", [15, -5], r"'input.limits.height' is \[15, -5\], expected the lower"),
    "height in words": ("limits.height", ["-5", 15], r"'input.limits.height\[0\]' is '-5', expected a finite number"),
    "no intensity": ("limits.intensity", 0, "'input.limits.intensity' is 0, expected more than 0"),
    "intensity of nothing": ("limits.intensity", float("nan"), "'input.limits.intensity' is nan"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_makes_no_sense_is_named(case: str):
    key, value, complaint = FAULTS[case]
    data = copy.deepcopy(DATA)
    place = data["limits"] if key.startswith("limits.") else data
    place[key.removeprefix("limits.")] = value
    with pytest.raises(FieldError, match=complaint):
        InputSpec.from_dict(data)


@pytest.mark.parametrize("key", DATA)
def test_what_is_missing_is_named(key: str):
    with pytest.raises(FieldError, match=f"'input.{key}' is missing"):
        InputSpec.from_dict({k: v for k, v in DATA.items() if k != key})
