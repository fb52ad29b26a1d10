"""Settings of a training run: YAML, overrides from the command line, and the checks on both."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig
from training.models.network import KINDS

T = TypeVar("T")


@dataclass(frozen=True)
class DataConfig:
    """Where samples come from.

    labels: folder of the label files; camera: auto, or a KITTI camera such as image_2
    train_sequences, val_sequences: None takes all that are there
    workers: loading processes; cache_mb: memory in which each of them keeps decoded frames (1 to 4 MB a frame)
    """

    labels: str = "labels"
    camera: str = "auto"
    train_sequences: tuple[str, ...] | None = None
    val_sequences: tuple[str, ...] | None = None
    workers: int = 1
    cache_mb: int = 2000


@dataclass(frozen=True)
class AugmentationConfig:
    """How far training frames are varied.

    mirror: probability; yaw: +- degrees; scale: +- share of all distances
    brightness, contrast, saturation: +- share; intensity_gain: +- share; intensity_offset: +- share of its mean
    """

    mirror: float = 0.5
    yaw: float = 3.0
    scale: float = 0.05
    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.4
    intensity_gain: float = 0.3
    intensity_offset: float = 0.3


@dataclass(frozen=True)
class FeatureMixingConfig:
    """Outlier synthesis; the defaults are the paper's.

    n: swapped channels; gamma1: weight of the entropy term; start, warmup: shares of the run
    detach: train the head alone on outliers; class_weighted: weigh points as the focal loss does
    per_sample: one draw per sample instead of one per batch
    """

    enabled: bool = False
    n: int = 10
    gamma1: float = 3.0
    start: float = 0.0
    warmup: float = 0.0
    detach: bool = False
    class_weighted: bool = False
    per_sample: bool = False


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW on a one-cycle schedule.

    batch: samples per step over all processes; warmup: share of the run; clip: largest norm of the gradient
    precision: bf16 or fp32, of the two streams (head and losses are always fp32); threads: 0 = torch's choice
    """

    iterations: int = 1000
    batch: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    warmup: float = 0.1
    clip: float = 5.0
    precision: str = "bf16"
    threads: int = 0


@dataclass(frozen=True)
class Config:
    """Everything that decides what a run computes."""

    label_set: str = "street"
    seed: int = 0
    log_every: int = 50
    save_every: int = 250
    network: NetworkConfig = field(default_factory=NetworkConfig)
    data: DataConfig = field(default_factory=DataConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    feature_mixing: FeatureMixingConfig = field(default_factory=FeatureMixingConfig)

    def __post_init__(self) -> None:
        precision = self.optimiser.precision
        _expect(precision in ("bf16", "fp32"), "optimiser.precision", precision, "bf16 or fp32")
        for name in ("iterations", "batch"):
            _expect(getattr(self.optimiser, name) > 0, f"optimiser.{name}", getattr(self.optimiser, name), "1 or more")
        for name in ("log_every", "save_every"):
            _expect(getattr(self, name) > 0, name, getattr(self, name), "1 or more")
        _expect(self.network.kind in KINDS, "network.kind", self.network.kind, f"one of {', '.join(KINDS)}")
        mixing, most = self.feature_mixing, min(self.network.widths)
        _expect(0 <= mixing.n <= most, "feature_mixing.n", mixing.n, f"0 to {most}, the features of a stream")
        for name in ("start", "warmup"):
            _expect(0 <= getattr(mixing, name) <= 1, f"feature_mixing.{name}", getattr(mixing, name), "a share, 0 to 1")

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries and values, as YAML and JSON hold them."""
        return typing.cast(dict[str, Any], _plain(dataclasses.asdict(self)))


def _expect(condition: bool, name: str, found: object, expected: str) -> None:
    if not condition:
        raise InputError(f"{name} is {found}, expected {expected}; correct the configuration")


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
        _override(data, override)
    return _build(Config, data, source, "")


def _override(data: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals:
        raise InputError(f"--set got '{override}', expected key=value such as optimiser.iterations=500")
    *parents, last = key.strip().split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise InputError(f"--set got '{override}', but '{parent}' holds a value, not settings; correct the key")
    try:
        data[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"--set got '{override}', whose value is no YAML; quote it for the shell") from error


def _build(kind: type[T], data: object, source: str, prefix: str) -> T:
    """A dataclass from a dictionary; unknown keys and wrong types are refused."""
    if not isinstance(data, dict):
        raise InputError(f"{source}: '{prefix.rstrip('.')}' is {data!r}, expected settings by name")
    hints = typing.get_type_hints(kind)
    unknown = sorted(str(key) for key in set(data) - set(hints))
    if unknown:
        raise InputError(f"{source} sets '{prefix}{unknown[0]}', which does not exist; known here: {sorted(hints)}")
    return kind(**{key: _convert(hints[key], value, source, prefix + key) for key, value in data.items()})


def _convert(hint: Any, value: Any, source: str, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast(type[Any], hint), value, source, name + ".")
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        if value is None:
            return None
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is tuple:
        return _convert_tuple(hint, value, source, name)
    try:
        converted = float(value) if hint is float and not isinstance(value, bool) else value  # YAML reads 2e-3 as text
        if hint is str and isinstance(value, int):
            converted = str(value)
    except (TypeError, ValueError):
        converted = value
    if type(converted) is not hint:
        raise InputError(f"{source}: '{name}' is {value!r}, expected {hint.__name__}; correct the value")
    return converted


def _convert_tuple(hint: Any, value: Any, source: str, name: str) -> tuple[Any, ...]:
    kinds = typing.get_args(hint)
    open_ended = kinds[-1] is Ellipsis
    if not isinstance(value, (list, tuple)) or not (open_ended or len(value) == len(kinds)):
        expected = f"a list of {'any length' if open_ended else len(kinds)}"
        raise InputError(f"{source}: '{name}' is {value!r}, expected {expected}; correct the value")
    return tuple(_convert(kinds[0], v, source, f"{name}[{i}]") for i, v in enumerate(value))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value
