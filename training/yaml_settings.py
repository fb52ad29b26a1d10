"""Nested dataclasses from plain settings, strict about names and types, and overrides from the command line."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

import yaml

from fm_ood_ros.errors import InputError

T = TypeVar("T")


def override_setting(data: dict[str, Any], override: str) -> None:
    """Puts `key.sub=value` into nested settings, the value read as YAML; raises InputError naming the override."""
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


def build(kind: type[T], data: object, source: str, prefix: str = "") -> T:
    """A dataclass from a dictionary; raises InputError naming a key that is unknown or of another type."""
    if not isinstance(data, dict):
        raise InputError(f"{source}: '{prefix.rstrip('.')}' is {data!r}, expected settings by name")
    hints = typing.get_type_hints(kind)
    unknown = sorted(str(key) for key in set(data) - set(hints))
    if unknown:
        raise InputError(f"{source} sets '{prefix}{unknown[0]}', which does not exist; known here: {sorted(hints)}")
    return kind(**{key: _convert(hints[key], value, source, prefix + key) for key, value in data.items()})


def _convert(hint: Any, value: Any, source: str, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type[Any], hint), value, source, name + ".")
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


def plain(value: object) -> object:
    """The same settings with lists for tuples, as YAML and JSON hold them."""
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value
