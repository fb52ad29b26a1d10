"""`python -m fm_ood_ros.calibrate`: learns what is usual on your own rig from its recordings, without labels.

It makes the share of flagged points right (5 % at a threshold of 0.95), near and far; it does not make their order
better, and what is unknown in the recordings counts as usual. Drive where nothing unusual stands about.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fm_ood_ros.calibrate.drive import Drive
from fm_ood_ros.calibrate.measure import held_out, looks, measured_rig, refitted
from fm_ood_ros.calibrate.shares import Look, Shares, table
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import FmOodError, SiteError
from fm_ood_ros.memory import keep_freed_memory
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model
from fm_ood_ros.model.site import Recording, Site
from fm_ood_ros.replay.progress import Progress
from fm_ood_ros.segmenter import Segmenter


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks a site file; 0 when done, 2 on bad input."""
    options = _parser().parse_args(arguments)
    keep_freed_memory()
    try:
        drive = Drive(
            tuple(options.bag), options.frames, options.at_most, options.points, options.image, options.calibration,
            options.rectified,
        )  # fmt: skip
        bundle = ModelBundle.load(options.model or default_model())
        if options.check:
            _check(drive, bundle, Site.load(options.check, bundle))
        else:
            _calibrate(drive, bundle, options.out)
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fm_ood_ros.calibrate", description=__doc__)
    add = parser.add_argument
    add("--bag", type=Path, nargs="+", required=True, help="recordings of one rig: rosbag2 folders or .mcap files")
    add("--model", type=Path, help="folder of a model bundle (default: the shipped model)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, help="site file to write, must not exist")
    what.add_argument("--check", type=Path, metavar="SITE", help="look what a site file makes of these recordings")
    add("--frames", type=_span, default=slice(None), metavar="A:B", help="clouds A to before B of each recording")
    add("--at-most", type=_count, default=120, help="clouds of each recording, spread evenly (default: 120)")
    add("--points", default="", help="topic of the clouds, when a recording has several")
    add("--image", default="", help="topic of the images, when a recording has several")
    add("--calibration", type=Path, help="calibration file (default: camera_info and /tf_static of each recording)")
    add("--rectified", action="store_true", help="the images are rectified: use P and R instead of K and D")
    return parser


def _span(text: str) -> slice:
    first, colon, last = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"'{text}' is no range, expected A:B, A: or :B")
    return slice(int(first) if first else None, int(last) if last else None)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is impossible, expected 1 or more")
    return value


def _calibrate(drive: Drive, bundle: ModelBundle, out: Path) -> None:
    if out.exists() or not out.parent.is_dir():
        found = "exists already" if out.exists() else "lies in no folder"
        raise SiteError(f"{out} {found}; give another file with --out")
    recordings = drive.recordings()
    mount, intensity = measured_rig(bundle.input, drive.frames(), _count_of(recordings))
    site = Site(bundle.name, bundle.digest, recordings, bundle.score, intensity, mount)
    seen = _looks(site, drive, bundle, _count_of(recordings))
    before = Shares.of(bundle.score, bundle.threshold, seen)
    after = held_out(bundle.score, bundle.threshold, seen)
    site = replace(site, score=refitted(bundle.score, seen))
    site.save(
        out,
        f"Of {before.points.sum()} judged points {before.whole:.1%} were flagged by the model's own scale, and "
        f"{after.whole:.1%} by one of other frames.",
    )
    print(f"model      {bundle.name}  ({bundle.digest[:12]})", *_learnt(site), "", table(before, after), sep="\n")
    print("after: by a scale of the other half of the frames, in blocks; the file's own is of all of them")
    print(f"\nsite       {out}  (makes the rate right, not the order; what was unknown here counts as usual)")


def _check(drive: Drive, bundle: ModelBundle, site: Site) -> None:
    recordings = drive.recordings()
    seen = _looks(site, drive, bundle, _count_of(recordings))
    shares = [Shares.of(scale, bundle.threshold, seen) for scale in (bundle.score, site.score)]
    print(f"model      {bundle.name}  ({bundle.digest[:12]})", f"site       measured on {site}", sep="\n")
    print(*_sources(recordings), "", table(*shares), sep="\n")


def _looks(site: Site, drive: Drive, bundle: ModelBundle, count: int) -> list[Look]:
    """What the model makes of the drive, on the site's mount and intensities."""
    segmenter = Segmenter(bundle, open_engine(bundle), site=site)
    found = []
    with Progress("judging", count) as progress:
        for look in looks(segmenter, bundle.score, drive.frames()):
            found.append(look)
            progress.step()
    return found


def _count_of(recordings: Sequence[Recording]) -> int:
    return sum(recording.frames for recording in recordings)


def _learnt(site: Site) -> list[str]:
    mount, intensity = "no ground was found; the node goes on looking", "left out: none, or all alike"
    if site.mount:
        height, pitch, roll = site.mount
        mount = f"camera {height:.2f} m above the ground, looks {pitch:+.1f} degrees down, leans {roll:+.1f}"
    if site.intensity:
        intensity = f"intensity / {site.intensity:.4g}"
    return [*_sources(site.recordings), f"mount      {mount}", f"intensity  {intensity}"]


def _sources(recordings: Sequence[Recording]) -> list[str]:
    return [f"recording  {r.name}, {r.frames} of {r.clouds} clouds" for r in recordings]


if __name__ == "__main__":
    sys.exit(main())
