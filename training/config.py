"""Settings of a training run: YAML, overrides from the command line, and the checks on both."""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import yaml

from fm_ood_ros.errors import InputError
from fm_ood_ros.model.input_spec import FRAMES, InputSpec
from training.data.settings import KINDS, AugmentationConfig, DataConfig, InputConfig
from training.engine.stopping import StoppingConfig
from training.losses.config import CrossModalConfig, LossConfig, SynthesisConfig, expect, one_of
from training.models.config import NetworkConfig
from training.models.network import NETWORKS
from training.yaml_settings import build, override_setting, plain

PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


@dataclass(frozen=True)
class OptimiserConfig:
    """How weights are learnt.

    kind: adamw, on a one-cycle schedule, or paper: SGD for the camera stream, AdamW for all else, a cosine to 0
    iterations: steps of the run; epochs: passes over the data, which decide on the steps where given
    batch: samples per step over all processes; warmup: share of the run; clip: largest norm of the gradient
    precision: bf16, fp16 (with loss scaling, for GPUs without bf16) or fp32, of the streams; head and losses: fp32
    threads: 0 = torch's choice
    ema: decay of the average of the weights that is evaluated and kept in place of the last ones; 0 for none
    """

    iterations: int = 1000
    epochs: int = 0
    batch: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    warmup: float = 0.1
    clip: float = 5.0
    precision: str = "bf16"
    threads: int = 0
    kind: str = "adamw"
    ema: float = 0.0


@dataclass(frozen=True)
class Config:
    """Everything that decides what a run computes."""

    label_set: str = "street"
    seed: int = 0
    log_every: int = 50
    save_every: int = 250
    network: NetworkConfig = field(default_factory=NetworkConfig)
    input: InputConfig = field(default_factory=InputConfig)
    data: DataConfig = field(default_factory=DataConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    synthesis: SynthesisConfig = field(default_factory=SynthesisConfig)
    stopping: StoppingConfig = field(default_factory=StoppingConfig)
    cross_modal: CrossModalConfig = field(default_factory=CrossModalConfig)

    def __post_init__(self) -> None:
        one_of("data.kind", self.data.kind, ("auto", *KINDS))
        self._check_input()
        one_of("network.normalise", self.network.normalise, ("none", "layer", "batch"))
        one_of("optimiser.precision", self.optimiser.precision, tuple(PRECISIONS))
        for name in ("iterations", "batch"):
            expect(getattr(self.optimiser, name) > 0, f"optimiser.{name}", getattr(self.optimiser, name), "1 or more")
        for name in ("log_every", "save_every"):
            expect(getattr(self, name) > 0, name, getattr(self, name), "1 or more")
        one_of("optimiser.kind", self.optimiser.kind, ("adamw", "paper"))
        expect(0 <= self.optimiser.ema < 1, "optimiser.ema", self.optimiser.ema, "0 up to, not including, 1")
        for name in ("every", "frames", "patience"):
            expect(getattr(self.stopping, name) >= 0, f"stopping.{name}", getattr(self.stopping, name), "0 or more")
        one_of("network.kind", self.network.kind, tuple(NETWORKS))
        features = min(self.network.widths)
        expect(
            self.synthesis.n <= features or self.synthesis.method != "feature_mixing",
            "synthesis.n",
            self.synthesis.n,
            f"0 to {features}, the features of a stream",
        )
        expect(
            self.network.unimodal_heads or self.cross_modal.method == "none",
            "network.unimodal_heads",
            self.network.unimodal_heads,
            f"true for cross_modal.method {self.cross_modal.method}",
        )
        expect(
            len(self.network.widths) == 2 or not self.network.unimodal_heads,
            "network.unimodal_heads",
            self.network.unimodal_heads,
            f"false for network.kind {self.network.kind}: losses between modalities are of two",
        )

    def _check_input(self) -> None:
        one_of("input.frame", self.input.frame, FRAMES)
        for name, (low, high) in {"range": self.input.range, "height": self.input.height}.items():
            expect(math.isfinite(low) and math.isfinite(high), f"input.{name}", [low, high], "finite numbers")
            expect(low < high, f"input.{name}", [low, high], "the lower value first")
        expect(self.input.range[0] >= 0, "input.range", list(self.input.range), "0 or more")
        largest = self.input.intensity
        expect(0 < largest < math.inf, "input.intensity", largest, "a finite number above 0")

    def input_spec(self, elevation: tuple[float, float] = (-90.0, 90.0)) -> InputSpec:
        """The network's input; elevation: lowest and highest of the training LiDAR, degrees."""
        bounds = self.input
        return InputSpec(self.network.size, elevation, bounds.frame, bounds.range, bounds.height, bounds.intensity)

    def for_frames(self, frames: int) -> Config:
        """The same settings with the steps that the epochs come to on so many frames."""
        optimiser = self.optimiser
        if not optimiser.epochs:
            return self
        steps = math.ceil(optimiser.epochs * frames / optimiser.batch)
        return dataclasses.replace(self, optimiser=dataclasses.replace(optimiser, iterations=steps))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries and values, as YAML and JSON hold them."""
        return typing.cast(dict[str, Any], plain(dataclasses.asdict(self)))


def load_config(path: Path | None, overrides: typing.Sequence[str] = ()) -> Config:
    """Settings from a YAML file (None: defaults) and `key.sub=value` overrides; raises InputError naming the key."""
    data: dict[str, Any] = {}
    source = str(path) if path else "the command line"
    if path is not None:
        try:
            data = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f"{path} cannot be read as YAML ({error}); give a configuration file") from error
        if not isinstance(data, dict):
            raise InputError(f"{path} holds a {type(data).__name__}, expected settings by name")
    for override in overrides:
        override_setting(data, override)
    return build(Config, data, source)
