"""Recordings of one rig, and which of their clouds are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.model.site import Recording
from fm_ood_ros.replay.bag import Bag, open_bag
from fm_ood_ros.replay.frames import IN_TIME, frames_at, spread, with_image


@dataclass(frozen=True)
class Drive:
    """Recordings of one rig.

    span: which clouds of each recording may be taken; at_most: how many of these are, spread evenly over them
    points, image: topics where a recording has several; calibration, rectified: as Bag.calibration takes them
    """

    paths: tuple[Path, ...]
    span: slice
    at_most: int
    points: str = ""
    image: str = ""
    calibration: Path | None = None
    rectified: bool = False

    def recordings(self) -> list[Recording]:
        """What is taken of each; raises InputError where one cannot be read, is empty or shows another camera."""
        found, first = [], None
        if len({path.resolve() for path in self.paths}) < len(self.paths):
            raise InputError(f"{', '.join(map(str, self.paths))} name a recording twice; give each once")
        for path in self.paths:
            with self._opened(path) as (bag, calibration):
                first = first or calibration
                if not calibration.lens.same_as(first.lens):
                    raise InputError(
                        f"{path} has another lens than {self.paths[0]}, expected recordings of one rig; calibrate each "
                        "rig by itself"
                    )
                wanted, taken, clouds = len(self._wanted(bag)), len(self._taken(bag)), bag.rig.points.count
                if not taken:
                    missing = f"with an image within {IN_TIME / 1e9:g} s" if wanted else "within --frames"
                    raise InputError(f"{path} has {clouds} clouds, none of them {missing}; take others")
                if taken < wanted:
                    print(f"{path}: {wanted - taken} of {wanted} clouds have no image within {IN_TIME / 1e9:g} s")
                found.append(Recording(path.resolve().name, taken, clouds))
        return found

    def frames(self) -> Iterator[Frame]:
        """All that are taken, recording by recording, in order."""
        for path in self.paths:
            with self._opened(path) as (bag, calibration):
                yield from frames_at(bag, calibration, self._taken(bag))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[tuple[Bag, Calibration]]:
        with open_bag(path, self.points, self.image) as bag:
            yield bag, bag.calibration(self.calibration, self.rectified)

    def _taken(self, bag: Bag) -> list[int]:
        return with_image(bag, self._wanted(bag))

    def _wanted(self, bag: Bag) -> list[int]:
        return spread(range(bag.rig.points.count)[self.span], self.at_most)
