"""nuScenes' public JSON tables, read record by record: only what is wanted stays in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError

Record = dict[str, Any]
CHUNK = 1 << 20  # characters read at once
SEPARATORS = " \t\r\n,["


def records(path: Path) -> Iterator[Record]:
    """The objects of a JSON list, one by one; raises InputError naming the file."""
    decoder = json.JSONDecoder()
    rest = ""
    try:
        with path.open(encoding="utf-8") as file:
            while chunk := file.read(CHUNK):
                rest, at = rest + chunk, 0
                while True:
                    try:
                        record, at = decoder.raw_decode(rest, _skip(rest, at))
                    except ValueError:
                        break
                    yield record
                rest = rest[at:]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); unpack the data set's metadata there") from error
    rest = rest.strip(SEPARATORS + "]")
    if rest:
        raise InputError(f"{path} breaks off at '{rest[:40]}'; it is cut off or no table: unpack it anew")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in SEPARATORS:
        at += 1
    return at


def table(path: Path, keep: Callable[[Record], bool] = lambda _: True) -> dict[str, Record]:
    """Records by their token, those to keep; raises InputError naming the file."""
    try:
        return {record["token"]: record for record in records(path) if keep(record)}
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} has a record without {error}; it is no table of nuScenes: unpack it anew") from error
