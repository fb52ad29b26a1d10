"""Where the shipped models and recordings lie: in a checkout, or under share/ of an installation."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fm_ood_ros.errors import BundleError

DEFAULT_MODEL = "street_fm"


def default_model() -> Path:
    """Folder of the shipped model bundle; raises BundleError when it is not installed."""
    places = [place / "models" / DEFAULT_MODEL for place in _places()]
    for place in places:
        if (place / "manifest.json").is_file():
            return place
    looked = ", ".join(str(p) for p in places)
    raise BundleError(f"no shipped model in {looked}; set the model to the folder of a bundle")


def _places() -> list[Path]:
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    shares = [Path(p) / "share" / "fm_ood_ros" for p in (*prefixes, sys.prefix)]
    return [Path(__file__).parents[2], *shares]
