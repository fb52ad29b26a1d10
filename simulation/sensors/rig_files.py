"""Rig files: the shipped rigs.yaml or a user's own, checked key by key."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.distortion import COEFFICIENTS
from fm_ood_ros.errors import InputError

SHIPPED = Path(__file__).parent / "rigs.yaml"
STEEPEST = 89.0  # degrees of elevation


def read_rigs(path: Path = SHIPPED) -> dict[str, Any]:
    """Checked rigs of a file by name; raises InputError naming file, key, what was found and expected."""
    try:
        rigs = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}); give a rig file laid out as rigs.yaml") from error
    if not isinstance(rigs, dict) or not rigs:
        raise InputError(f"{path} holds {_short(rigs)}, expected 'NAME: {{cameras, lidar}}'; lay it out as rigs.yaml")
    for name, rig in rigs.items():
        _Checker(path).rig(str(name), rig)
    return rigs


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _numbers(value: object, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(_number, value))


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: _number(value) and low <= value <= high


def _size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 16 <= value <= 4096


class _Checker:
    """Checks the parts of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _fail(self, key: str, found: object, expected: str, remedy: str = "correct it in the file") -> None:
        raise InputError(f"{self._path}: {key} is {_short(found)}, expected {expected}; {remedy}")

    def _keys(self, key: str, value: object, needed: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        if not isinstance(value, dict):
            self._fail(key, value, f"a mapping with the keys {sorted(needed)}")
        assert isinstance(value, dict)
        if missing := sorted(needed - set(value)):
            self._fail(f"{key}.{missing[0]}", None, "a value", "add the key to the file")
        if unknown := sorted(map(str, set(value) - needed - optional)):
            self._fail(
                f"{key}.{unknown[0]}", value.get(unknown[0]), f"only the keys {sorted(needed | optional)}", "remove it"
            )

    def _check(self, key: str, value: Any, good: Callable[[Any], bool], expected: str) -> None:
        if not good(value):
            self._fail(key, value, expected)

    def rig(self, name: str, rig: Any) -> None:
        self._keys(name, rig, {"cameras", "lidar"})
        cameras = rig["cameras"]
        if not isinstance(cameras, list) or not 1 <= len(cameras) <= 8:
            self._fail(f"{name}.cameras", cameras, "a list of one to eight cameras")
        for i, camera in enumerate(cameras):
            self._camera(f"{name}.cameras[{i}]", camera)
        self._lidar(f"{name}.lidar", rig["lidar"])

    def _camera(self, key: str, camera: Any) -> None:
        optional = {"yaw", "pitch", "centre", "distortion_model", "distortion"}
        self._keys(key, camera, {"width", "height", "focal", "at"}, optional)
        for side in ("width", "height"):
            self._check(f"{key}.{side}", camera[side], _size, "16 to 4096 whole pixels")
        self._check(f"{key}.focal", camera["focal"], _between(1, 1e5), "a positive number of pixels")
        self._check(f"{key}.at", camera["at"], lambda v: _numbers(v, 3) and 0 < v[2] < 20, "x, y, z above the ground")
        self._check(f"{key}.yaw", camera.get("yaw", 0), _between(-180, 180), "-180 to 180 degrees")
        self._check(f"{key}.pitch", camera.get("pitch", 0), _between(-80, 80), "-80 to 80 degrees")
        inside = lambda v: _numbers(v, 2) and 0 <= v[0] < camera["width"] and 0 <= v[1] < camera["height"]  # noqa: E731
        self._check(f"{key}.centre", camera.get("centre", [0, 0]), inside, "a pixel inside the image")
        self._lens(key, camera.get("distortion_model", "plumb_bob"), camera.get("distortion", []))

    def _lens(self, key: str, model: Any, distortion: Any) -> None:
        self._check(
            f"{key}.distortion_model",
            model,
            lambda v: isinstance(v, str) and v in COEFFICIENTS,
            f"one of {sorted(COEFFICIENTS)}",
        )
        counts = COEFFICIENTS[model]
        good = lambda v: any(_numbers(v, n) for n in counts)  # noqa: E731
        self._check(f"{key}.distortion", distortion, good, f"a list of {counts} finite numbers for {model}")

    def _lidar(self, key: str, lidar: Any) -> None:
        limits = {
            "height": (0.1, 20, "0.1 to 20 metres"), "rate": (1, 100, "1 to 100 revolutions per second"),
            "azimuth_step": (0.05, 10, "0.05 to 10 degrees"), "range": (2, 400, "2 to 400 metres"),
            "range_noise": (0, 1, "0 to 1 metre"),
        }  # fmt: skip
        self._keys(key, lidar, {*limits, "elevation"})
        for name, (low, high, expected) in limits.items():
            self._check(f"{key}.{name}", lidar[name], _between(low, high), expected)
        beams = lidar["elevation"]
        entry = lambda v: _number(v) or (_numbers(v, 3) and isinstance(v[2], int) and 2 <= v[2] <= 512)  # noqa: E731
        good = lambda v: isinstance(v, list) and bool(v) and all(map(entry, v))  # noqa: E731
        self._check(f"{key}.elevation", beams, good, "a list of angles or of [from, to, beams] ranges")
        ends = [end for b in beams for end in (b[:2] if isinstance(b, list) else [b])]
        for i, (above, below) in enumerate(pairwise(ends)):
            if above <= below:
                self._fail(
                    f"{key}.elevation", f"{above} before {below} (angle {i + 1})", "angles that fall", "sort top down"
                )
        self._check(f"{key}.elevation", [ends[0], ends[-1]], _within, f"angles within {STEEPEST:g} degrees")


def _within(ends: Any) -> bool:
    return bool(ends[-1] >= -STEEPEST and ends[0] <= STEEPEST)
