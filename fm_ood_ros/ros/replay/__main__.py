"""`python -m fm_ood_ros.ros.replay`: a recording through the node, and what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import FmOodError
from fm_ood_ros.geometry.calibration import Calibration
from fm_ood_ros.geometry.calibration_files import write_calibration
from fm_ood_ros.geometry.camera_info import rectification_doubt
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model
from fm_ood_ros.model.site import Site
from fm_ood_ros.replay.accounting import Accounting, drops_of, latency
from fm_ood_ros.replay.annotated import read_back
from fm_ood_ros.replay.bag import Bag, open_bag
from fm_ood_ros.replay.panels import write_pictures
from fm_ood_ros.replay.report import rig_of, stages_of, table, write_results
from fm_ood_ros.ros.dds import use_large_message_profile

RECORDING = Path(__file__).parents[3] / "recordings" / "street_ood"
MAX_RATE = 100.0


def main(arguments: list[str] | None = None) -> int:
    """Runs the replay; 0 when every cloud is accounted for and came back whole, 1 when not, 2 on bad input."""
    options = _parser().parse_args(arguments)
    try:
        return _replay(options)
    except FmOodError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fm_ood_ros.ros.replay", description=__doc__)
    add = parser.add_argument
    add("--bag", type=Path, default=RECORDING, help="rosbag2 folder or .mcap file (default: the shipped recording)")
    add("--model", type=Path, help="folder of a model bundle (default: the shipped model)")
    add("--out", type=Path, help="result folder, must not exist (default: results/<time>)")
    add("--points", default="", help="topic of the clouds, when the bag has several")
    add("--image", default="", help="topic of the images, when the bag has several")
    add("--calibration", type=Path, help="calibration file (default: camera_info and /tf_static of the bag)")
    add("--rectified", action="store_true", help="the images are rectified: use P and R instead of K and D")
    add("--site", type=Path, help="site file of `python -m fm_ood_ros.calibrate`, measured with this model")
    add("--rate", type=_positive, default=1.0, help="speed of the playback, 1 = real time")
    add("--max-pending", type=_count, default=20, help="clouds that may wait for the model; 1 as on a vehicle")
    add("--pictures", type=_count, default=6, help="how many overlay pictures to draw")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= MAX_RATE:
        raise argparse.ArgumentTypeError(f"{value:g} is impossible, expected more than 0 and at most {MAX_RATE:g}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative, expected 0 or more")
    return value


def _replay(options: argparse.Namespace) -> int:
    bundle = ModelBundle.load(options.model or default_model())
    site = Site.load(options.site, bundle) if options.site else None
    with open_bag(options.bag, options.points, options.image) as bag:
        calibration = bag.calibration(options.calibration, options.rectified)
        folder = _result_folder(options.out)
        _announce(bag, bundle, calibration, folder)
        parameters = {"rectified": str(options.rectified).lower(), "max_pending": str(max(1, options.max_pending))}
        parameters |= {"site": str(options.site.resolve())} if site else {}
        results = _play(bag, bundle, calibration, folder, options.rate, parameters)
        pictures = write_pictures(bag, folder / "annotated", bundle, calibration, folder, options.pictures)
    results |= {"site": f"{options.site}, measured on {site}" if site else None}
    write_results(folder / "results.json", results)
    print(table(results))
    print(f"\nresults    {folder}  (annotated/ opens in Foxglove, Lichtblick or rosbag2)")
    for picture in pictures:
        print(f"           {picture}")
    clouds = results["clouds"]
    whole = clouds["clouds_unexplained"] == 0 and clouds["clouds_with_rows_lost"] == 0 and clouds["clouds_judged"] > 0
    return 0 if whole and results["node_exit_code"] == 0 else 1


def _result_folder(out: Path | None) -> Path:
    folder = out or Path("results") / datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise FmOodError(f"{folder} exists already; give another folder with --out or remove it") from error
    return folder


def _announce(bag: Bag, bundle: ModelBundle, calibration: Calibration, folder: Path) -> None:
    rig = bag.rig
    print(f"clouds {rig.points.name} ({rig.points.count}), images {rig.image.name} ({rig.image.count})")
    if rig.others:
        print(f"other cameras, not used: {', '.join(rig.others)} (choose with --image)")
    lens = calibration.lens
    if doubt := rectification_doubt(rig.image.name, lens):
        print(f"warning: {doubt} (--rectified)")
    print(f"camera {lens.width}x{lens.height}, {lens.model}, seen up to {lens.field:.0f} degrees off axis")
    print(f"model {bundle.name}, node log {folder / 'node.log'}", flush=True)


def _play(
    bag: Bag, bundle: ModelBundle, calibration: Calibration, folder: Path, rate: float, parameters: dict[str, str]
) -> dict[str, Any]:
    import rclpy

    from fm_ood_ros.ros.replay.session import Session

    file = folder / "calibration.yaml"
    write_calibration(file, calibration)
    os.environ.setdefault("ROS_DOMAIN_ID", "77")  # away from a robot that may be running on this network
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    use_large_message_profile()
    rclpy.init()
    try:
        parameters |= {"model": str(bundle.path.resolve()), "calibration_file": str(file.resolve())}
        played = Session(bag, parameters, folder).run(rate)
    finally:
        rclpy.try_shutdown()
    back = read_back(bag, folder / "annotated", bundle)
    sent, arrived = len(played.sent), len(played.arrived)
    accounting = Accounting(sent, arrived, drops_of(played.diagnostics, sent, arrived), back.rows_lost)
    return {
        "bag": str(bag.path),
        "model": {"name": bundle.name, "sha256": bundle.digest, "training": bundle.manifest["training"]},
        "clouds": accounting.to_dict(),
        "points": back.points,
        "latency_ms": latency(played.sent, played.arrived),
        "stages_ms": stages_of(played.diagnostics),
        "rig": rig_of(played.diagnostics),
        "truth": back.truth,
        "node_exit_code": played.exit_code,
        "diagnostics": played.diagnostics,
    }


if __name__ == "__main__":
    sys.exit(main())
