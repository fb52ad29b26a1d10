"""An object of a JSON or YAML file, read value by value, each of the kind that it must be."""

from __future__ import annotations

import sys
from typing import Any

from fm_ood_ros.errors import FieldError

HUGE = sys.float_info.max
SHOWN = 60  # characters of a wrong value that a message repeats


class Fields:
    """A JSON object and where in the file it stands.

    Every method raises FieldError saying what was found where and what was expected. A bool is no number, and no
    number is infinite or NaN.
    """

    def __init__(self, data: object, place: str = "") -> None:
        self.place = place
        if not isinstance(data, dict):
            raise FieldError(f"'{place or 'the whole'}' is {shown(data)}, expected an object")
        self.data: dict[str, Any] = data

    def object(self, key: str) -> Fields:
        """The object under a key."""
        return Fields(self._value(key), self._place(key))

    def objects(self, key: str) -> list[Fields]:
        """The list of objects under a key."""
        return [Fields(item, f"{self._place(key)}[{i}]") for i, item in enumerate(self._list(key, None))]

    def text(self, key: str) -> str:
        """The text under a key."""
        value = self._value(key)
        if not isinstance(value, str) or not value or not value.isprintable():
            raise FieldError(f"'{self._place(key)}' is {shown(value)}, expected a text of one line")
        return value

    def number(self, key: str, low: float = -HUGE, high: float = HUGE) -> float:
        """The number under a key, from low to high."""
        return _number(self._value(key), self._place(key), low, high)

    def numbers(self, key: str, low: float = -HUGE, high: float = HUGE, count: int | None = None) -> list[float]:
        """The list of numbers under a key, each from low to high; count: how many there must be."""
        return [_number(v, f"{self._place(key)}[{i}]", low, high) for i, v in enumerate(self._list(key, count))]

    def integer(self, key: str, low: int, high: int) -> int:
        """The whole number under a key, from low to high."""
        return _integer(self._value(key), self._place(key), low, high)

    def integers(self, key: str, low: int, high: int, count: int | None = None) -> list[int]:
        """The list of whole numbers under a key, each from low to high; count: how many there must be."""
        return [_integer(v, f"{self._place(key)}[{i}]", low, high) for i, v in enumerate(self._list(key, count))]

    def _place(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def _value(self, key: str) -> Any:
        if key not in self.data:
            raise FieldError(f"'{self._place(key)}' is missing")
        return self.data[key]

    def _list(self, key: str, count: int | None) -> list[Any]:
        value = self._value(key)
        if not isinstance(value, list) or count not in (None, len(value)):
            expected = "a list" if count is None else f"a list of {count}"
            raise FieldError(f"'{self._place(key)}' is {shown(value)}, expected {expected}")
        return value


def shown(value: object) -> str:
    """A value as a message repeats it: on one line, and not all of a long one."""
    try:
        text = ascii(value)
    except ValueError:  # a number of more digits than Python writes
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _number(value: object, place: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        limits = "a finite number" if (low, high) == (-HUGE, HUGE) else f"a number from {low:g} to {high:g}"
        raise FieldError(f"'{place}' is {shown(value)}, expected {limits}")
    return float(value)


def _integer(value: object, place: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise FieldError(f"'{place}' is {shown(value)}, expected a whole number from {low} to {high}")
    return value
