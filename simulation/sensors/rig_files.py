"""Rig files: the shipped rigs.yaml or a user's own, checked key by key."""

from __future__ import annotations

from collections.abc import Collection, Set
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import yaml

from fm_ood_ros.errors import InputError
from fm_ood_ros.geometry.distortion import COEFFICIENTS

SHIPPED = Path(__file__).parent / "rigs.yaml"
STEEPEST = 89.0  # degrees of elevation
LIDAR_LIMITS = {
    "height": (0.1, 20, "0.1 to 20 metres"), "rate": (1, 100, "1 to 100 revolutions per second"),
    "azimuth_step": (0.05, 10, "0.05 to 10 degrees"), "range": (2, 400, "2 to 400 metres"),
    "range_noise": (0, 1, "0 to 1 metre"),
}  # fmt: skip
TURNS = {
    "yaw": (-180, 180, "-180 to 180 degrees"), "pitch": (-80, 80, "-80 to 80 degrees"),
    "roll": (-180, 180, "-180 to 180 degrees"),
}  # fmt: skip


def read_rigs(path: Path = SHIPPED) -> dict[str, Any]:
    """Checked rigs of a file by name, not to be changed: scene after scene gets the same ones.

    Raises InputError naming file, key, what was found and expected.
    """
    try:
        return _checked(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}); give a rig file laid out as rigs.yaml") from error


@lru_cache(maxsize=4)
def _checked(path: Path, text: str) -> dict[str, Any]:
    """What a file's text says; reading YAML takes longer than all else about a rig."""
    rigs = yaml.safe_load(text)
    if not isinstance(rigs, dict) or not rigs:
        raise InputError(f"{path} holds {_short(rigs)}, expected 'NAME: {{cameras, lidar}}'; lay it out as rigs.yaml")
    for name, rig in rigs.items():
        _Checker(path).rig(str(name), rig)
    return rigs


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _number(value: object, low: float = -1e9, high: float = 1e9) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _count(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and _number(value, low, high)


def _numbers(value: object, counts: Collection[int]) -> bool:
    return isinstance(value, list) and len(value) in counts and all(map(_number, value))


def _beams(value: object) -> bool:
    """An angle, or a range: from, to and how many."""
    return _number(value) or (isinstance(value, list) and _numbers(value, [3]) and _count(value[2], 2, 512))


def _room(heights: list[float], sensors: list[Any]) -> dict[str, float]:
    """How much the sensors of a rig may vary, metres and degrees."""
    steepest = max(abs(sensor.get("pitch", 0.0)) for sensor in sensors)
    return {"height": min(heights) - LIDAR_LIMITS["height"][0], "pitch": TURNS["pitch"][1] - steepest, "yaw": 180.0}


class _Checker:
    """Checks the parts of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _fail(self, key: str, found: object, expected: str, remedy: str = "correct it in the file") -> NoReturn:
        raise InputError(f"{self._path}: {key} is {_short(found)}, expected {expected}; {remedy}")

    def _check(self, good: bool, key: str, value: object, expected: str) -> None:
        if not good:
            self._fail(key, value, expected)

    def _keys(self, key: str, value: object, needed: Set[str], optional: Set[str] = frozenset()) -> None:
        if not isinstance(value, dict):
            self._fail(key, value, f"a mapping with the keys {sorted(needed or optional)}")
        if missing := sorted(needed - set(value)):
            self._fail(f"{key}.{missing[0]}", None, "a value", "add the key to the file")
        if unknown := sorted(set(value) - needed - optional, key=str):
            expected = f"only the keys {sorted(needed | optional)}"
            self._fail(f"{key}.{unknown[0]}", value[unknown[0]], expected, "remove it")

    def rig(self, name: str, rig: Any) -> None:
        self._keys(name, rig, {"cameras", "lidar"}, {"vary"})
        cameras = rig["cameras"]
        good = isinstance(cameras, list) and 1 <= len(cameras) <= 8
        self._check(good, f"{name}.cameras", cameras, "a list of one to eight cameras")
        for i, camera in enumerate(cameras):
            self._camera(f"{name}.cameras[{i}]", camera)
        self._lidar(f"{name}.lidar", rig["lidar"])
        self._vary(f"{name}.vary", rig.get("vary", {}), rig)

    def _camera(self, key: str, camera: Any) -> None:
        optional = {"yaw", "pitch", "centre", "distortion_model", "distortion"}
        self._keys(key, camera, {"width", "height", "focal", "at"}, optional)
        for side in ("width", "height"):
            self._check(_count(camera[side], 16, 4096), f"{key}.{side}", camera[side], "16 to 4096 whole pixels")
        self._check(_number(camera["focal"], 1), f"{key}.focal", camera["focal"], "a positive number of pixels")
        at = camera["at"]
        self._check(_numbers(at, [3]) and 0 < at[2] < 20, f"{key}.at", at, "x, y, z, up to 20 metres above the ground")
        self._turns(key, camera)
        centre = camera.get("centre", [0, 0])
        inside = _numbers(centre, [2]) and 0 <= centre[0] < camera["width"] and 0 <= centre[1] < camera["height"]
        self._check(inside, f"{key}.centre", centre, "a pixel inside the image")
        self._lens(key, camera.get("distortion_model", "plumb_bob"), camera.get("distortion", []))

    def _turns(self, key: str, sensor: Any) -> None:
        for name, (low, high, expected) in TURNS.items():
            self._check(_number(sensor.get(name, 0), low, high), f"{key}.{name}", sensor.get(name), expected)

    def _lens(self, key: str, model: Any, distortion: Any) -> None:
        known = sorted(COEFFICIENTS)
        self._check(model in known, f"{key}.distortion_model", model, f"one of {known}")
        counts = COEFFICIENTS[model]
        expected = f"a list of numbers, as many as one of {counts} for {model}"
        self._check(_numbers(distortion, counts), f"{key}.distortion", distortion, expected)

    def _lidar(self, key: str, lidar: Any) -> None:
        self._keys(key, lidar, {*LIDAR_LIMITS, "elevation"}, set(TURNS))
        self._turns(key, lidar)
        for name, (low, high, expected) in LIDAR_LIMITS.items():
            self._check(_number(lidar[name], low, high), f"{key}.{name}", lidar[name], expected)
        self._elevation(f"{key}.elevation", lidar["elevation"])

    def _vary(self, key: str, vary: Any, rig: Any) -> None:
        """Spreads that leave every sensor above the ground and its pitch within what a file may give."""
        self._keys(key, vary, frozenset(), {"lidar", "camera", "every"})
        lidar, cameras = rig["lidar"], rig["cameras"]
        room = _room([lidar["height"]], [lidar])
        self._spread(f"{key}.lidar", vary.get("lidar", {}), {**room, "roll": 180.0})
        self._spread(f"{key}.camera", vary.get("camera", {}), _room([c["at"][2] for c in cameras], cameras))
        every = vary.get("every", [1])
        good = isinstance(every, list) and bool(every) and all(_count(n, 1, 64) for n in every)
        self._check(good, f"{key}.every", every, "a list of whole numbers from 1 to 64")

    def _spread(self, key: str, spread: Any, most: dict[str, float]) -> None:
        self._keys(key, spread, frozenset(), set(most))
        for name, value in spread.items():
            self._check(_number(value, 0, most[name]), f"{key}.{name}", value, f"0 to {most[name]:g}, which is +-")

    def _elevation(self, key: str, beams: Any) -> None:
        good = isinstance(beams, list) and bool(beams) and all(map(_beams, beams))
        self._check(good, key, beams, "a list of angles or of [from, to, beams] ranges")
        ends = [end for b in beams for end in (b[:2] if isinstance(b, list) else [b])]
        for i, (above, below) in enumerate(pairwise(ends), 2):
            if above <= below:
                self._fail(key, f"{above} before {below} (angle {i})", "angles that fall", "sort them top down")
        good = ends[-1] >= -STEEPEST and ends[0] <= STEEPEST
        self._check(good, key, [ends[0], ends[-1]], f"angles within {STEEPEST:g} degrees of the horizon")
