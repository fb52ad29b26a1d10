"""What a run says while it goes on: losses, speed, how long data were waited for, and when it will be done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, time

from torch import Tensor

from training.runs.tensorboard import EventFile

EVENTS = "events.out.tfevents."


class Progress:
    """Means over the last `every` steps: printed, and appended to a log of JSON lines and a TensorBoard file beside it.

    Silent without a log.
    """

    def __init__(self, step: int, steps: int, every: int, log: Path | None) -> None:
        self.step = step
        self.steps = steps
        self.every = every
        self.log = log
        self.events = EventFile(log.with_name(f"{EVENTS}{time():.6f}"), time()) if log else None
        self.seconds = 0.0
        self.waited = 0.0
        self._first = step
        self._sums: dict[str, Tensor] = {}
        self._count = 0
        self._window = (0.0, 0.0)
        self._last = perf_counter()

    def data_came(self) -> None:
        """Call when a batch has arrived."""
        self.waited += self._lap()

    def step_done(self, values: Mapping[str, Tensor], rate: float) -> None:
        """Call when a step is done; values: scalars to average; rate: of learning."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0) + value.detach()
        self._count += 1
        self.step += 1
        self._lap()
        if self.step % self.every == 0 or self.step == self.steps:
            self._report(rate)

    def validated(self, miou: float) -> None:
        """Call after a validation."""
        self._last = perf_counter()
        if self.log is not None:
            self._write({"step": self.step, "val_miou": miou})
            print(f"{self.step:6d}/{self.steps}  validation mIoU {miou:.2%}", flush=True)

    def _lap(self) -> float:
        now = perf_counter()
        lap, self._last = now - self._last, now
        self.seconds += lap
        return lap

    def _write(self, line: Mapping[str, float]) -> None:
        assert self.log is not None and self.events is not None
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({k: round(v, 6) for k, v in line.items()}) + "\n")
        self.events.add(self.step, {k: v for k, v in line.items() if k != "step"}, time())

    def _report(self, rate: float) -> None:
        if self.log is not None:
            seconds, waited = self.seconds - self._window[0], self.waited - self._window[1]
            left = (self.steps - self.step) * self.seconds / max(1, self.step - self._first)
            means = {name: float(total) / self._count for name, total in self._sums.items()}
            line = {"step": self.step, **means, "rate": rate, "s_per_step": seconds / self._count}
            line["wait_per_step"] = waited / self._count
            self._write(line)
            losses = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
            print(
                f"{self.step:6d}/{self.steps}  {losses}  {line['s_per_step']:.3f} s/step, "
                f"{line['wait_per_step'] * 1e3:.0f} ms of it waiting for data, {left / 60:.1f} min left",
                flush=True,
            )
        self._sums, self._count, self._window = {}, 0, (self.seconds, self.waited)


def read_log(path: Path) -> list[dict[str, float]]:
    """Lines of a log; one that a break cut off is left out."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def keep_until(path: Path, step: int) -> None:
    """Takes from a log what a run wrote after the checkpoint of `step`, since it will write it again."""
    kept = [json.dumps(line) + "\n" for line in read_log(path) if line["step"] <= step]
    path.write_text("".join(kept), encoding="utf-8")
