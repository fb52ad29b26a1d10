"""Images, clouds and tables from files, with errors that name the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import DTypeLike, NDArray

from fm_ood_ros.errors import InputError


def read_image(path: Path) -> NDArray[np.uint8]:
    """RGB [H,W,3] uint8, grey images with three equal channels; raises InputError."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"{path} cannot be read as an image; every scan needs the image of its moment")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def read_numbers(path: Path, dtype: DTypeLike, columns: int) -> NDArray[Any]:
    """Numbers [N,columns] of a file that holds nothing else; raises InputError."""
    try:
        values = np.fromfile(path, dtype)
        odd = path.stat().st_size % (columns * values.itemsize)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the file again") from error
    if odd or not values.size:
        raise InputError(
            f"{path} holds {values.size} numbers, expected {_many(columns)}; the file is empty, cut off or foreign"
        )
    return values.reshape(-1, columns)


def _many(columns: int) -> str:
    words = {1: "one", 4: "four", 5: "five"}
    return f"{words.get(columns, columns)} per point"


def read_mapping(path: Path) -> dict[str, Any]:
    """A JSON or YAML file's object; raises InputError."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a file in JSON or YAML") from error
    if not isinstance(data, dict):
        raise InputError(f"{path} holds a {type(data).__name__}, expected values by name")
    return data
