"""What is compared: methods as configurations with overrides, and seeds, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import InputError
from training.config import Config, load_config
from training.yaml_settings import build

REMEDY = "compare the file with training/configs/studies/compare_street.yaml"


@dataclass(frozen=True)
class Method:
    """config: YAML file, seen from the comparison's; settings: overrides as of --set; seeds: None for the common."""

    config: str
    title: str
    settings: tuple[str, ...] = ()
    seeds: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Common:
    """settings: overrides of every method; control: the method whose seeds say how much is noise."""

    control: str
    seeds: tuple[int, ...] = (0,)
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spec:
    """A comparison; methods by name, each with its configuration at seed 0."""

    common: Common
    methods: dict[str, Method]
    configs: dict[str, Config]

    def config(self, method: str, seed: int) -> Config:
        """Settings of one run."""
        return replace(self.configs[method], seed=seed)

    def seeds(self, method: str) -> tuple[int, ...]:
        """Seeds that a method is trained with."""
        own = self.methods[method].seeds
        return self.common.seeds if own is None else own

    def choose(self, only: Sequence[str] | None) -> list[str]:
        """The named methods, all for None; raises InputError for one that does not exist."""
        unknown = sorted(set(only or ()) - set(self.methods))
        if unknown:
            raise InputError(f"method '{unknown[0]}' does not exist; known here: {', '.join(self.methods)}")
        return [name for name in self.methods if only is None or name in only]


def load_spec(path: Path) -> Spec:
    """Reads a comparison's file and every configuration it names; raises InputError naming what is wrong where."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}); give a comparison's file") from error
    entries = data.pop("methods", None) if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not entries:
        raise InputError(f"{path} has no 'methods' by name; {REMEDY}")
    common = _build(Common, data, str(path), "")
    methods = {str(name): _build(Method, entry, str(path), f"methods.{name}.") for name, entry in entries.items()}
    _check(path, common, methods)
    configs = {name: _config(path, name, method, common) for name, method in methods.items()}
    return Spec(common, methods, configs)


def _build(kind: type[Any], data: object, source: str, prefix: str) -> Any:
    try:
        return build(kind, data, source, prefix)
    except TypeError as error:  # a setting without default is missing
        raise InputError(f"{source}: '{prefix}' lacks a setting ({error}); {REMEDY}") from error


def _check(path: Path, common: Common, methods: dict[str, Method]) -> None:
    odd = [name for name in methods if not re.fullmatch(r"\w+", name)]
    if odd:
        raise InputError(f"{path} names a method '{odd[0]}', expected letters, digits and _; the title may hold more")
    if common.control not in methods:
        raise InputError(f"{path} has the control '{common.control}', expected one of {', '.join(methods)}; {REMEDY}")
    for where, seeds in (("seeds", common.seeds), *((f"methods.{n}.seeds", m.seeds) for n, m in methods.items())):
        if seeds is not None and (not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0):
            raise InputError(f"{path}: '{where}' is {list(seeds)}, expected different ones from 0 on; correct the file")


def _config(path: Path, name: str, method: Method, common: Common) -> Config:
    try:
        return replace(load_config(path.parent / method.config, [*common.settings, *method.settings]), seed=0)
    except InputError as error:
        raise InputError(f"{path}, method {name}: {error}") from error
