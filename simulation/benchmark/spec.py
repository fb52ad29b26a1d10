"""What a benchmark consists of, read from its YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import InputError
from simulation.output.dataset import SPLIT_CODE, DatasetRequest
from simulation.sensors.rigs import load_rig

SHIPPED = Path(__file__).with_name("street_ood_v1.yaml")
SIZES = ("full", "small")
REPLACEABLE = ("main", "second")  # roles that --rigs fills
REMEDY = "compare the file with simulation/benchmark/street_ood_v1.yaml"


@dataclass(frozen=True)
class SplitSpec:
    """One folder: kinds is the split whose unknown objects it shows, rigs the names that its scenes take in turn."""

    folder: str
    kinds: str
    seed: int
    rigs: tuple[str, ...]
    frames: int
    scenes: dict[str, int]


@dataclass(frozen=True)
class Spec:
    """A benchmark; period: seconds between the frames of a scene; rigs: names by role."""

    name: str
    version: str
    period: float
    rigs: dict[str, str]
    splits: tuple[SplitSpec, ...]

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    def requests(self, size: str, out: Path, workers: int) -> list[DatasetRequest]:
        """One per split, in the file's order."""
        return [
            DatasetRequest(
                out, s.kinds, s.scenes[size], s.frames, s.seed, workers, rigs=s.rigs, period=self.period,
                folder=s.folder,
            )
            for s in self.splits
        ]  # fmt: skip

    def settings(self, size: str) -> dict[str, Any]:
        """Everything that decides the data, for the index."""
        splits = {
            s.folder: {
                "kinds": s.kinds, "seed": s.seed, "rigs": list(s.rigs), "frames": s.frames, "scenes": s.scenes[size]
            }
            for s in self.splits
        }  # fmt: skip
        return {"size": size, "period": self.period, "rigs": dict(self.rigs), "splits": splits}


def load_spec(path: Path = SHIPPED, rigs: Sequence[str] | None = None) -> Spec:
    """Reads a benchmark's file; rigs: names of the main and the second rig instead of the file's.

    Raises InputError naming what is missing or impossible.
    """
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML ({error}); {REMEDY}") from error
    try:
        names = _rigs(data["rigs"], rigs)
        stems = {role: Path(name).stem for role, name in names.items()}
        splits = tuple(_split(folder.format(**stems), entry, names) for folder, entry in data["splits"].items())
        version = str(data["version"])
        if names != data["rigs"]:
            version += f" with rigs {' and '.join(stems[role] for role in REPLACEABLE)}"
        spec = Spec(str(data["name"]), version, float(data["period"]), names, splits)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} lacks or garbles {error}, expected name, version, period, rigs and splits; {REMEDY}"
        ) from error
    for name in spec.rigs.values():
        load_rig(name)
    if len({(s.kinds, s.seed) for s in splits}) < len(splits):
        raise InputError(f"{path} gives two splits of the same kinds one seed, expected one each; {REMEDY}")
    if spec.period <= 0 or not spec.splits:
        raise InputError(f"{path} has a period of {spec.period:g} s and {len(splits)} splits, expected more; {REMEDY}")
    return spec


def _rigs(roles: dict[str, str], given: Sequence[str] | None) -> dict[str, str]:
    """Names by role, the given ones in place of the file's."""
    if given is None:
        return dict(roles)
    if missing := [role for role in REPLACEABLE if role not in roles]:
        raise InputError(f"it has no role '{missing[0]}' among {list(roles)} to give a rig; leave out --rigs")
    return {**roles, **dict(zip(REPLACEABLE, given, strict=True))}


def _split(folder: str, entry: dict[str, Any], rigs: dict[str, str]) -> SplitSpec:
    if entry["kinds"] not in SPLIT_CODE:
        raise InputError(f"split {folder} has kinds '{entry['kinds']}', expected one of {list(SPLIT_CODE)}; {REMEDY}")
    unknown = [role for role in entry["rig"] if role not in rigs]
    if unknown:
        raise InputError(f"split {folder} has the rig '{unknown[0]}', expected roles among {list(rigs)}; {REMEDY}")
    scenes = {size: int(entry["scenes"][size]) for size in SIZES}
    if min(int(entry["frames"]), *scenes.values()) < 1:
        raise InputError(f"split {folder} has no scenes or no frames, expected 1 or more; {REMEDY}")
    names = tuple(rigs[role] for role in entry["rig"])
    return SplitSpec(folder, entry["kinds"], int(entry["seed"]), names, int(entry["frames"]), scenes)
