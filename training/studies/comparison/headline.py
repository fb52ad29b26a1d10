"""What a comparison's table was made of, as sentences above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from training.studies.comparison.results import MethodResult, Result


def headlines(methods: Mapping[str, MethodResult]) -> list[str]:
    """Data, budget, device, source and how to read the table; where runs differ, every value."""
    runs = [run for method in methods.values() for run in method.runs]
    return [
        _data(runs),
        f"Budget of a run: {_all(map(_budget, runs))}; {_size(runs)}.",
        f"Device: {_all(d for run in runs for d in run.made['devices'])}.",
        _source(runs),
        "Mean ± standard deviation over seeds, in percent, over the points of all test frames in the camera's view.",
        "Every method is judged alike, its scales fitted on its own run's validation set; columns 'alone' take every "
        "point by itself, from the same logits.",
        "Each method stands at the score with its lowest mean FPR@95 on the development set, of equal ones the highest "
        "AUROC, judged and alone each by itself; the test set was evaluated once for every run and decided nothing.",
        "Over scenes: the difference of the means over seeds, and in brackets what 95 % of 1000 resamples of the test "
        "scenes span, the same scenes for both methods; seeds add their own noise.",
    ]


def _data(runs: list[Result]) -> str:
    data = runs[0].made["data"]
    kind, digest = next((key, value) for key, value in data.items() if key != "name")
    seen = f"{runs[0].dev['frames']} development and {runs[0].test['frames']} test frames"
    only = "results are comparable with each other only."
    if kind == "index":
        return f"Data: {data['name']}, index digest {digest[:16]}, {seen}. They are synthetic: {only}"
    return f"Data: {data['name']}, digest of names and sizes {digest[:16]}, {seen}; {only}"


def _budget(run: Result) -> str:
    config, record = run.trial.config, run.record
    height, width = config.network.size
    return (
        f"{record['steps']} steps of batch {config.optimiser.batch} on {record['frames']} frames, "
        f"{config.network.kind} network at {height}x{width}, {_threads(config.optimiser.threads)}"
    )


def _threads(threads: int) -> str:
    return f"{threads} thread(s)" if threads else "threads by torch's choice"


def _size(runs: list[Result]) -> str:
    millions = sorted({f"{run.record['parameters'] / 1e6:.2f}" for run in runs})
    return f"{' to '.join(dict.fromkeys((millions[0], millions[-1])))} M parameters"


def _source(runs: list[Result]) -> str:
    found = _all(revision for run in runs for revision in run.made["revisions"])
    dirty = " A revision with -dirty had changes that are not in it." if "-dirty" in found else ""
    mixed = " Runs of several revisions are mixed." if " / " in found else ""
    return f"Source: revision {found}.{mixed}{dirty}"


def _all(values: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(values))
