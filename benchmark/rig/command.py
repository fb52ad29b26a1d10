"""`rig`: does a model say the same about the same street, whatever the rig."""

from __future__ import annotations

import argparse
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmark.rig.changes import all_changes
from benchmark.rig.recorded import measured
from benchmark.rig.table import missed_bounds, text
from fm_ood_ros.engines import Engine, open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.shipped import default_model
from fm_ood_ros.replay.bag import open_bag
from fm_ood_ros.replay.frames import frames_of
from training.runs.run import revision, write_json

SHIPPED = Path(__file__).parents[2] / "recordings" / "street_ood"
SEED = 4  # of streets that no split of the benchmark shows


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the parser."""
    parser = commands.add_parser("rig", help="verdicts on the same street, sent otherwise or seen from another rig")
    parser.add_argument("--bag", type=Path, default=SHIPPED, help="recording (default: the shipped one)")
    parser.add_argument("--model", type=Path, help="folder of a bundle (default: the shipped one)")
    parser.add_argument("--calibration", type=Path, help="file, where the recording has no camera_info or transform")
    parser.add_argument("--clouds", type=_count, default=12, help="of the recording, spread evenly")
    parser.add_argument("--scenes", type=_count, default=30, help="streets of the simulator")
    parser.add_argument(
        "--simulator", action=argparse.BooleanOptionalAction, default=find_spec("mujoco") is not None,
        help="rigs that really differ (default: where MuJoCo is installed)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("results/rig.json"), help="JSON file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measures, prints and writes the tables; returns 1 when a bound is missed, else 0."""
    bundle = ModelBundle.load(options.model or default_model())
    engine = open_engine(bundle)
    with open_bag(options.bag) as bag:
        frames = list(frames_of(bag, bag.calibration(options.calibration), options.clouds))
    result = {
        "bag": str(options.bag),
        "model": f"{bundle.name} {bundle.digest[:12]}",
        "revision": revision(),
        "recorded": measured(bundle, engine, frames, all_changes()),
        "scenes": options.scenes,
        "simulated": _simulated(bundle, engine, options.scenes) if options.simulator else [],
    }
    print(text(result))
    write_json(options.out, result)
    print(f"written to {options.out}")
    return 1 if missed_bounds(result) else 0


def _simulated(bundle: ModelBundle, engine: Engine, scenes: int) -> list[dict[str, Any]]:
    try:
        from benchmark.rig.simulated import measured as simulated
        from simulation.output.rendered import frames_of as rendered
    except ImportError as error:
        raise InputError(f"{error}: install the 'simulation' extra, or leave it out with --no-simulator") from error
    return simulated(bundle, engine, partial(rendered, seed=SEED, scenes=scenes, frames=1))


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is impossible, expected 1 or more")
    return value
