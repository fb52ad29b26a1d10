"""MultiOOD's near and far splits over stored features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import InputError
from training.studies.detection.features import Features

SPLITS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("multiood.yaml").read_text(encoding="utf-8"))


def near_split(clips: Features, data_set: str) -> tuple[Features, Features]:
    """Known and unknown clips of one data set: its first classes are known, the rest unknown.

    Labels must count the known classes first, as MultiOOD's lists do. Raises InputError when the classes are too few.
    """
    if data_set not in SPLITS["near"]:
        raise InputError(f"near split '{data_set}' does not exist; known are {', '.join(SPLITS['near'])}")
    known, unknown = (SPLITS["near"][data_set][k] for k in ("known_classes", "unknown_classes"))
    if clips.classes != known + unknown:
        raise InputError(
            f"{clips.name} has {clips.classes} classes, expected {known} + {unknown} of {data_set}; give all its clips"
        )
    is_known = clips.labels < known
    strange = clips.rows((~is_known).nonzero()[:, 0])
    return clips.rows(is_known.nonzero()[:, 0]), Features(f"{clips.name}_rest", *strange.streams, strange.labels)


def far_files(known: Path, data_set: str) -> list[Path]:
    """Files of the unknown data sets beside the known one's, NAME.npz; raises InputError naming what is missing."""
    if data_set not in SPLITS["far"]:
        raise InputError(f"far split '{data_set}' does not exist; known are {', '.join(SPLITS['far'])}")
    files = [known.with_name(f"{name}.npz") for name in SPLITS["far"][data_set]]
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise InputError(f"{missing[0]} is missing; store the features of every unknown data set beside {known.name}")
    return files
