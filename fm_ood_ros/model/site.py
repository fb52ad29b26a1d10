"""A site file: what is usual on one's own rig, measured from its recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fm_ood_ros.errors import FieldError, SiteError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.fields import Fields, shown
from fm_ood_ros.model.score_scale import ScoreScale

FORMAT = "fm_ood_ros.site/1"
AGAIN = "write it again with `python -m fm_ood_ros.calibrate`"
MOST = 2**62
HEAD = """\
# What is usual on one rig, measured from its recordings by `python -m fm_ood_ros.calibrate`.
# It makes the share of flagged points right, not their order: what was unknown in the recordings counts as usual.
"""


@dataclass(frozen=True)
class Recording:
    """Where a site's figures come from: so many frames of a recording of so many clouds."""

    name: str
    frames: int
    clouds: int


@dataclass(frozen=True)
class Site:
    """What was measured on a rig, with one model.

    model, digest: its name and its bundle's digest; recordings: what it was measured on
    score: in place of the model's; intensity: the sensor's scale, 0 where its intensities say nothing
    mount: height of the camera over the ground in metres, pitch down and roll right in degrees; None where no ground
        was found
    """

    model: str
    digest: str
    recordings: Sequence[Recording]
    score: ScoreScale
    intensity: float
    mount: tuple[float, float, float] | None

    @classmethod
    def load(cls, path: str | Path, bundle: ModelBundle) -> Site:
        """Reads and checks a site file; raises SiteError where it is broken or belongs to another model."""
        site = cls._read(Path(path))
        if site.digest != bundle.digest:
            raise SiteError(
                f"{path} was measured with {site.model} ({site.digest[:12]}), but the model is {bundle.name} "
                f"({bundle.digest[:12]}); calibrate again with this one, or give that one"
            )
        usual = [[(r.distance, r.mean, r.std) for r in scale.ranges] for scale in (site.score, bundle.score)]
        if usual[0] != usual[1]:
            raise SiteError(
                f"{path} has other distances, means or deviations than {bundle.name}, expected the model's own: a site "
                f"has quantiles alone; {AGAIN}"
            )
        return site

    @classmethod
    def _read(cls, path: Path) -> Site:
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            raise SiteError(f"{path} cannot be read as YAML ({_line(error)}); give a site file, or {AGAIN}") from error
        try:
            return cls.from_dict(data)
        except FieldError as error:
            raise SiteError(f"{path} is wrong: {error}; {AGAIN}") from error

    @classmethod
    def from_dict(cls, data: object) -> Site:
        """From what to_dict gives; raises FieldError."""
        fields = Fields(data)
        if fields.data.get("format") != FORMAT:
            raise FieldError(f"'format' is {shown(fields.data.get('format'))}, expected '{FORMAT}'")
        model, recordings = fields.object("model"), [_recording(part) for part in fields.objects("recordings")]
        if not recordings:
            raise FieldError("'recordings' is empty, expected one at least")
        return cls(
            model=model.text("name"),
            digest=model.text("sha256"),
            recordings=recordings,
            score=ScoreScale.from_dict(fields.object("score").data),
            intensity=fields.number("intensity", 0, 1e9),
            mount=None if _empty(fields, "mount") else _mount(fields.object("mount")),
        )

    def to_dict(self) -> dict[str, Any]:
        """As the file holds it."""
        mount = dict(zip(("height", "pitch", "roll"), self.mount, strict=True)) if self.mount else None
        return {
            "format": FORMAT,
            "model": {"name": self.model, "sha256": self.digest},
            "recordings": [vars(recording) for recording in self.recordings],
            "mount": mount,
            "intensity": self.intensity,
            "score": self.score.to_dict(),
        }

    def save(self, path: Path, *notes: str) -> None:
        """Writes the file, with notes among its comments; raises SiteError where that is impossible."""
        comments = HEAD + "".join(f"# {note}\n" for note in notes)
        text = yaml.safe_dump(self.to_dict(), sort_keys=False, default_flow_style=None, width=120)
        try:
            path.write_text(comments + text, encoding="utf-8")
        except OSError as error:
            raise SiteError(f"{path} cannot be written ({error.strerror}); give another file") from error

    def __str__(self) -> str:
        return ", ".join(f"{r.frames} of {r.clouds} clouds of {r.name}" for r in self.recordings)


def _empty(fields: Fields, key: str) -> bool:
    return key in fields.data and fields.data[key] is None


def _recording(part: Fields) -> Recording:
    return Recording(part.text("name"), part.integer("frames", 1, MOST), part.integer("clouds", 1, MOST))


def _mount(part: Fields) -> tuple[float, float, float]:
    return part.number("height", 0.1, 20), part.number("pitch", -80, 80), part.number("roll", -80, 80)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
