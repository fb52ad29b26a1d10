"""What is tried on frozen features, read from YAML."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import InputError
from training.config import Config
from training.runs.run import Run
from training.yaml_settings import build, override_setting

REMEDY = "compare the file with training/configs/studies/heads_street.yaml"
Groups = dict[str, dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Gathering:
    """Frames of train and of dev, spread evenly over them, and points of each."""

    train_frames: int = 500
    dev_frames: int = 300
    points: int = 1024


@dataclass(frozen=True)
class Common:
    """settings: overrides of every head; seeds: of every head; control_seeds: of the control."""

    settings: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    control_seeds: tuple[int, ...] = (0, 1, 2)
    gathering: Gathering = field(default_factory=Gathering)


@dataclass(frozen=True)
class HeadsSpec:
    """groups: settings of every variant by its title, in groups; the first variant is the control."""

    common: Common
    groups: Groups

    @property
    def control(self) -> str:
        """Title of the variant that all others are held against."""
        return next(iter(next(iter(self.groups.values()))))

    def heads(self) -> list[tuple[str, tuple[str, ...], int]]:
        """Title, settings and seed of every head to train."""
        variants = [pair for group in self.groups.values() for pair in group.items()]
        seeds = {self.control: self.common.control_seeds}
        return [(t, settings, seed) for t, settings in variants for seed in seeds.get(t, self.common.seeds)]

    def config(self, run: Run, settings: tuple[str, ...], seed: int) -> Config:
        """Settings of one head on the features of a run, whose network it takes over; raises InputError."""
        theirs = run.config.to_dict()
        network = {**theirs["network"], "unimodal_heads": False}
        data: dict[str, Any] = {"label_set": theirs["label_set"], "network": network, "seed": seed}
        data["optimiser"] = {"precision": "fp32"}
        data = copy.deepcopy(data)
        for setting in (*self.common.settings, *settings):
            override_setting(data, setting)
        return build(Config, data, f"a head's settings {list(settings)}")


def load_heads(path: Path) -> HeadsSpec:
    """Reads the file; raises InputError naming what is wrong where."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}); give a file of heads") from error
    groups = data.pop("groups", None) if isinstance(data, dict) else None
    common: Common = build(Common, data, str(path))
    spec = HeadsSpec(common, _groups(groups, path))
    if any(min(seeds, default=-1) < 0 for seeds in (common.seeds, common.control_seeds)):
        raise InputError(f"{path} has seeds {common.seeds} and {common.control_seeds}, expected some from 0 on")
    for name, found in dataclasses.asdict(common.gathering).items():
        if found < 1:
            raise InputError(f"{path} has gathering.{name} {found}, expected 1 or more")
    return spec


def _groups(groups: object, path: Path) -> Groups:
    if not isinstance(groups, dict) or not groups or not all(isinstance(g, dict) and g for g in groups.values()):
        raise InputError(f"{path} has no 'groups' of variants by title; {REMEDY}")
    titles = [title for group in groups.values() for title in group]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise InputError(f"{path} has the variant '{twice[0]}' in two groups; give every one a title of its own")
    found: Groups = {}
    for group, variants in groups.items():
        for title, settings in variants.items():
            if not isinstance(settings, list) or not all(isinstance(s, str) for s in settings):
                raise InputError(f"{path}: '{title}' is {settings!r}, expected a list of KEY=VALUE; {REMEDY}")
        found[str(group)] = {str(title): tuple(settings) for title, settings in variants.items()}
    return found
