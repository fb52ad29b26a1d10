"""One method with one seed: its folder, how far it is, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError
from training.config import Config, load_config
from training.runs.progress import read_log
from training.runs.run import CHECKPOINT, CONFIG, LOG, WEIGHTS, read_json, write_json
from training.studies.comparison.spec import Spec
from training.yaml_settings import build

TRIAL, DEV, TEST, SCENES, OUTPUT = "trial.json", "dev.json", "test.json", "test_scenes.npz", "output.txt"


@dataclass(frozen=True)
class Trial:
    """path: folder of the run, METHOD/seedN in the comparison's."""

    method: str
    seed: int
    config: Config
    path: Path

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"{self.method} seed {self.seed}"

    @property
    def finished(self) -> bool:
        """Trained and judged on both sets."""
        return (self.path / TEST).is_file()

    def steps(self) -> tuple[int, int]:
        """Training steps done, as far as the log says, and to do."""
        started = self.path / CONFIG
        todo = (load_config(started) if started.is_file() else self.config).optimiser.iterations
        log = read_log(self.path / LOG)
        return (int(log[-1]["step"]) if log else 0), todo


@dataclass(frozen=True)
class Source:
    """What made a run; data: name and digest of the benchmark's folder."""

    revision: str
    data: dict[str, str]
    device: str


def trials_of(spec: Spec, out: Path, methods: list[str], seeds: list[int] | None) -> list[Trial]:
    """What is to be run: first seeds of all methods first, so that a table is there early."""
    wanted = [(name, seed) for name in methods for seed in seeds or spec.seeds(name)]
    places = {pair: (seeds or spec.seeds(pair[0])).index(pair[1]) for pair in wanted}
    return [_trial(spec, out, *pair) for pair in sorted(wanted, key=lambda pair: places[pair])]


def trials_in(spec: Spec, out: Path) -> list[Trial]:
    """What was started in a folder, of this comparison's methods and any seed, in the methods' order."""
    found = []
    for name in spec.methods:
        seeds = (path.parent.name.removeprefix("seed") for path in (out / name).glob(f"seed*/{TRIAL}"))
        found += [_trial(spec, out, name, seed) for seed in sorted(int(s) for s in seeds if s.isdecimal())]
    return found


def _trial(spec: Spec, out: Path, name: str, seed: int) -> Trial:
    return Trial(name, seed, spec.config(name, seed), out / name / f"seed{seed}")


def check(trial: Trial, source: Source, mix_revisions: bool) -> None:
    """Raises InputError naming both where what lies in a trial's folder was made of something else."""
    facts = _facts(trial)
    if not facts:
        return
    mine = trial.config.to_dict()
    theirs = build(Config, facts["config"], str(trial.path / TRIAL)).to_dict()  # a setting that came since: its default
    changed = [key for key in mine if mine[key] != theirs[key]]
    if changed:
        raise InputError(f"{trial.path} was made with other settings of {changed}; restore them or give another --out")
    if facts["data"] != source.data:
        raise InputError(f"{trial.path} was made of data {facts['data']}, not {source.data}; give another --out")
    other = [revision for revision in facts["revisions"] if revision != source.revision]
    if other and not mix_revisions:
        raise InputError(
            f"{trial.path} was made by source {', '.join(other)}, this is {source.revision}; check that one out, give "
            "another --out, or accept both with --mix-revisions: the table says so then"
        )


def record_start(trial: Trial, source: Source) -> None:
    """Writes down what makes the run, beside what made it so far."""
    before = _facts(trial)
    facts = {
        "method": trial.method,
        "seed": trial.seed,
        "data": source.data,
        "revisions": _with(before.get("revisions", []), source.revision),
        "devices": _with(before.get("devices", []), source.device),
        "config": trial.config.to_dict(),
    }
    write_json(trial.path / TRIAL, facts)


def _facts(trial: Trial) -> dict[str, Any]:
    if (trial.path / TRIAL).is_file():
        return read_json(trial.path / TRIAL)
    if any((trial.path / name).exists() for name in (CHECKPOINT, WEIGHTS)):
        raise InputError(f"{trial.path} holds a run that compare did not start (no {TRIAL}); give another --out")
    return {}


def _with(known: list[str], new: str) -> list[str]:
    return known if new in known else [*known, new]
