"""Which raw ids make up a class, which are unknown objects, which are ignored: one YAML file per set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fm_ood_ros.errors import FmOodError, InputError
from fm_ood_ros.model.fields import Fields

OOD = 254
IGNORED = 255
RAW_IDS = (0, 65535)


@dataclass(frozen=True)
class ClassInfo:
    """A known class: its name, RGB colour and the raw ids that it gathers."""

    name: str
    color: tuple[int, int, int]
    raw_ids: tuple[int, ...]


@dataclass(frozen=True)
class LabelSet:
    """Known classes in the order of the network's outputs, and what is unknown or ignored."""

    name: str
    classes: tuple[ClassInfo, ...]
    ood_raw_ids: tuple[int, ...]
    ignore_raw_ids: tuple[int, ...]

    def __post_init__(self) -> None:
        ids = [i for c in self.classes for i in c.raw_ids] + [*self.ood_raw_ids, *self.ignore_raw_ids]
        twice = sorted(i for i, count in Counter(ids).items() if count > 1)
        if twice:
            raise InputError(f"label set '{self.name}' lists raw ids {twice} twice; each id belongs to one class")
        if not 1 < len(self.classes) < OOD:
            raise InputError(f"label set '{self.name}' has {len(self.classes)} classes, expected 2 to 253")

    @classmethod
    def load(cls, name_or_path: str | Path) -> LabelSet:
        """A shipped set by name, or one from a YAML file; raises InputError naming the file."""
        path = Path(name_or_path)
        if not path.suffix:
            path = Path(__file__).parent / f"{name_or_path}.yaml"
        try:
            return cls.from_dict(yaml.safe_load(path.read_text(encoding="utf-8")))
        except OSError as error:
            shipped = sorted(p.stem for p in Path(__file__).parent.glob("*.yaml"))
            raise InputError(f"no label set '{name_or_path}'; shipped are {shipped}, or give a YAML file") from error
        except (FmOodError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f"{path} is no label set ({error}); see the shipped ones for the form") from error

    @classmethod
    def from_dict(cls, data: object, place: str = "") -> LabelSet:
        """From the YAML's or the manifest's object, which stands there at `place`.

        Raises FieldError or InputError saying what is wrong in it.
        """
        fields = Fields(data, place)
        return cls(
            name=fields.text("name"),
            classes=tuple(_class(known) for known in fields.objects("classes")),
            ood_raw_ids=tuple(fields.integers("ood_raw_ids", *RAW_IDS)),
            ignore_raw_ids=tuple(fields.integers("ignore_raw_ids", *RAW_IDS)),
        )

    def to_dict(self) -> dict[str, Any]:
        """The dictionary that from_dict reads."""
        return {
            "name": self.name,
            "classes": [{"name": c.name, "color": list(c.color), "raw_ids": list(c.raw_ids)} for c in self.classes],
            "ood_raw_ids": list(self.ood_raw_ids),
            "ignore_raw_ids": list(self.ignore_raw_ids),
        }

    def train_ids(self, raw: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.uint8]:
        """Class index [N] uint8 of raw ids [N]: 0..C-1, 254 unknown object, 255 ignored.

        Raises InputError on a raw id that the set does not list.
        """
        table = np.full(65536, -1, np.int16)
        for index, known in enumerate(self.classes):
            table[list(known.raw_ids)] = index
        table[list(self.ood_raw_ids)] = OOD
        table[list(self.ignore_raw_ids)] = IGNORED
        ids = table[raw]
        if (ids < 0).any():
            unknown = np.unique(raw[ids < 0])[:10].tolist()
            raise InputError(
                f"labels hold raw ids {unknown} that label set '{self.name}' does not list; "
                "choose the label set of this data, or add them to it"
            )
        return np.asarray(ids, np.uint8)

    @property
    def colors(self) -> NDArray[np.uint8]:
        """RGB colours [C,3] uint8."""
        return np.array([c.color for c in self.classes], np.uint8)


def _class(known: Fields) -> ClassInfo:
    r, g, b = known.integers("color", 0, 255, count=3)
    return ClassInfo(known.text("name"), (r, g, b), tuple(known.integers("raw_ids", *RAW_IDS)))
