"""Runs trials, several at once, each in a process of its own, and says how far they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from training.runs.run import read_json
from training.studies.comparison.trial import DEV, OUTPUT, Source, Trial, record_start

POLL, REPORT = 0.2, 30.0  # seconds


class Runner:
    """Does what is left of trials on a benchmark's folder, `jobs` at once; one that fails does not stop the others."""

    def __init__(self, trials: list[Trial], data: Path, source: Source, jobs: int) -> None:
        self.trials = trials
        self.data = data
        self.source = source
        self.jobs = jobs
        self.failed: list[Trial] = []
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._began = monotonic()
        self._share_before = sum(map(_share, trials))

    def run(self) -> list[Trial]:
        """Returns those that failed; when it is interrupted, what runs is stopped and can go on later."""
        waiting = [i for i, trial in enumerate(self.trials) if not trial.finished]
        print(f"{len(self.trials)} runs, {len(waiting)} of them to do", flush=True)
        reported = monotonic()
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self.jobs:
                    self._start(waiting.pop(0))
                sleep(POLL)
                self._collect()
                if monotonic() - reported > REPORT and self._running:
                    reported = monotonic()
                    print(self._progress(), flush=True)
        finally:
            for process in self._running.values():
                process.terminate()
            for process in self._running.values():
                process.wait()
        return self.failed

    def _start(self, index: int) -> None:
        trial = self.trials[index]
        record_start(trial, self.source)
        done, todo = trial.steps()
        print(f"{trial.name}: " + (f"goes on after step {done} of {todo}" if done else "starts"), flush=True)
        threads = trial.config.optimiser.threads
        environment = {**os.environ, **({"OMP_NUM_THREADS": str(threads)} if threads else {})}
        command = [sys.executable, "-m", "training.studies.comparison.worker", str(self.data), str(trial.path)]
        with (trial.path / OUTPUT).open("ab") as output:
            self._running[index] = subprocess.Popen(command, stdout=output, stderr=output, env=environment)

    def _collect(self) -> None:
        ended = [index for index, process in self._running.items() if process.poll() is not None]
        for index in ended:
            trial, status = self.trials[index], self._running.pop(index).returncode
            if status or not trial.finished:
                self.failed.append(trial)
                last = (trial.path / OUTPUT).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                print(f"{trial.name}: FAILED ({status}): {' '.join(last)}", flush=True)
            else:
                print(f"{trial.name}: done, {_on_dev(trial)}; {self._progress()}", flush=True)

    def _progress(self) -> str:
        done = sum(trial.finished for trial in self.trials)
        at = (f"{self.trials[i].name} at step {'/'.join(map(str, self.trials[i].steps()))}" for i in self._running)
        here = sum(map(_share, self.trials))
        gained = here - self._share_before
        left = sum(1 - _share(trial) for trial in self.trials if trial not in self.failed)
        minutes = (monotonic() - self._began) / 60 * left / gained if gained > 0 else float("nan")
        time = f"about {minutes:.0f} min left" if gained > 0 else "time left not known yet"
        return ", ".join([f"{done} of {len(self.trials)} runs done", *at, time])


def _share(trial: Trial) -> float:
    """How much of a run is done; judging counts as a tenth of it."""
    done, todo = trial.steps()
    return 1.0 if trial.finished else 0.9 * done / todo


def _on_dev(trial: Trial) -> str:
    dev = read_json(trial.path / DEV)
    best = dev["score"]
    return f"on dev {best} with FPR@95 {dev['judged']['scores'][best]['fpr95']:.1%}"
