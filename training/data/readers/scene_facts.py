"""What the simulator writes of a sequence: its weather, its rig and its unknown objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fm_ood_ros.errors import InputError
from training.data.readers.files import read_mapping

CONDITIONS = ("weather", "rig")
ABOUT_OBJECTS = ("kind", "family", "tier")


@dataclass(frozen=True)
class SceneFacts:
    """conditions: weather and rig; objects: kind, family and tier of unknown objects by instance, where written."""

    conditions: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> SceneFacts:
        """From a scene.json, nothing where there is none; raises InputError naming the file."""
        if not path.is_file():
            return cls()
        data = read_mapping(path)
        try:
            objects = {
                int(entry["instance"]): {name: str(entry[name]) for name in ABOUT_OBJECTS if name in entry}
                for entry in data.get("unknown_objects", [])
            }
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} has an unknown object without an instance ({error}); write it anew") from error
        return cls({name: str(data[name]) for name in CONDITIONS if name in data}, objects)
