"""What the runs of a comparison came to, by method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fm_ood_ros.errors import InputError
from fm_ood_ros.metrics import SceneClasses, SceneScores, differences
from training.evaluate.choice import best_score
from training.runs.progress import read_log
from training.runs.run import LOG, RECORD, read_json
from training.studies.comparison.scenes import OverSeeds, load_scenes
from training.studies.comparison.trial import DEV, SCENES, TEST, TRIAL, Trial

METRICS = ("miou", "fpr95", "auroc", "aupr", "recall_at_5")
QUANTITIES = (*METRICS, *(f"alone_{name}" for name in METRICS), "training_seconds")
Interval = dict[str, float]


@dataclass(frozen=True)
class Scores:
    """The raw scores at which a method stands: judged, and with every point alone."""

    judged: str
    alone: str


@dataclass(frozen=True)
class Result:
    """A finished run: the metrics of both sets, fit's record, and what made it."""

    trial: Trial
    dev: dict[str, Any]
    test: dict[str, Any]
    record: dict[str, Any]
    made: dict[str, Any]
    training_seconds: float

    @classmethod
    def load(cls, trial: Trial) -> Result:
        """From a finished trial's folder; raises InputError naming a broken file."""
        dev, test, record, made = (read_json(trial.path / name) for name in (DEV, TEST, RECORD, TRIAL))
        if not (dev.get("judged") and test.get("judged")):
            raise InputError(
                f"{trial.path} was judged by an older source; delete its {DEV} and {TEST} and run this again"
            )
        return cls(trial, dev, test, record, made, training_seconds(read_log(trial.path / LOG)))

    def on_test(self, scores: Scores) -> dict[str, float]:
        """QUANTITIES on the test set, shares from 0 to 1 and seconds, the anomaly metrics at these scores."""
        judged, alone = self.test["judged"], self.test["alone"]
        values = {"miou": judged["miou"], **judged["scores"][scores.judged], "training_seconds": self.training_seconds}
        values |= {f"alone_{name}": value for name, value in alone["scores"][scores.alone].items()}
        values["alone_miou"] = alone["miou"]
        return {name: float("nan") if values[name] is None else float(values[name]) for name in QUANTITIES}

    def scenes(self, scores: Scores) -> tuple[SceneClasses, SceneScores]:
        """The judged counts of the test set's scenes."""
        return load_scenes(self.trial.path / SCENES, scores.judged)


@dataclass(frozen=True)
class MethodResult:
    """The finished runs of a method, and the scores that they are reported at."""

    title: str
    runs: tuple[Result, ...]
    scores: Scores

    @property
    def values(self) -> dict[str, list[float]]:
        """QUANTITIES on the test set, run by run."""
        runs = [run.on_test(self.scores) for run in self.runs]
        return {name: [values[name] for values in runs] for name in QUANTITIES}

    def over_seeds(self, quantity: str) -> tuple[float, float]:
        """Mean and standard deviation."""
        return mean_and_std(self.values[quantity])

    def minus(self, other: MethodResult, quantity: str) -> dict[int, float]:
        """This method's values less another's, by the seeds that both have."""
        mine, theirs = (dict(zip(_seeds(m), m.values[quantity], strict=True)) for m in (self, other))
        return {seed: value - theirs[seed] for seed, value in mine.items() if seed in theirs}

    def over_scenes(self, other: MethodResult) -> dict[str, Interval]:
        """This method's means over seeds less another's, judged, with intervals over the same resampled scenes."""
        mine, theirs = ([run.scenes(m.scores) for run in m.runs] for m in (self, other))
        found: dict[str, Interval] = {}
        for part in (0, 1):
            first, second = (OverSeeds([run[part] for run in runs]) for runs in (mine, theirs))
            found |= differences(first, second)
        return found


def _seeds(method: MethodResult) -> list[int]:
    return [run.trial.seed for run in method.runs]


def mean_and_std(values: Sequence[float]) -> tuple[float, float]:
    """The standard deviation is the sample's (n - 1), NaN for one value."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def collect(trials: Sequence[Trial], titles: dict[str, str]) -> dict[str, MethodResult]:
    """Finished trials by method, each method at its scores."""
    found = {name: [t for t in trials if t.method == name and t.finished] for name in titles}
    runs = {name: tuple(map(Result.load, of_method)) for name, of_method in found.items() if of_method}
    return {name: MethodResult(titles[name], r, choose_scores([run.dev for run in r])) for name, r in runs.items()}


def choose_scores(devs: Sequence[dict[str, Any]]) -> Scores:
    """By the one rule, of means over a method's runs on the development set; for points alone likewise."""
    return Scores(*(_chosen([dev[part]["scores"] for dev in devs]) for part in ("judged", "alone")))


def _chosen(devs: Sequence[dict[str, dict[str, float]]]) -> str:
    means = {
        name: {key: float(np.mean([dev[name][key] for dev in devs])) for key in ("fpr95", "auroc")} for name in devs[0]
    }
    best = best_score(means)
    assert best is not None, "the worker refuses a development set without unknown points"
    return best


def training_seconds(log: list[dict[str, float]]) -> float:
    """Of all steps that the log tells of, breaks and validation left out."""
    lines = [line for line in log if "s_per_step" in line]
    steps = np.diff([0, *(line["step"] for line in lines)])
    return float(sum(n * line["s_per_step"] for n, line in zip(steps, lines, strict=True)))
