"""python -m training inspect: a data set's numbers, and pictures of its labels over its images."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.label_sets import OOD, LabelSet
from fm_ood_ros.pictures.overlay import UNKNOWN_COLOR, draw_classes, draw_legend
from training.data.frames import evenly
from training.data.inspection import Survey
from training.data.opening import kind_of, open_frames
from training.data.settings import KINDS, DataConfig
from training.runs.run import write_json

USUAL = {"semantic_kitti": "kitti_vehicles_ood", "nuscenes": "nuscenes_vehicles_ood", "carla": "carla_ood"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="root of a data set, or a labelled recording")
    parser.add_argument("--kind", default="auto", choices=["auto", *KINDS], help="what it is (default: seen from it)")
    parser.add_argument("--layout", help="YAML that says how CARLA frames lie on the disk")
    parser.add_argument("--camera", default="auto", help="camera to take")
    parser.add_argument("--labels", default="labels", help="folder of SemanticKITTI's label files")
    parser.add_argument("--label-set", help="name or YAML (default: the usual one of such data)")
    parser.add_argument("--sequences", nargs="+", help="sequences or scenes to take (default: all)")
    parser.add_argument("--frames", type=int, default=40, help="count at most so many, spread evenly")
    parser.add_argument("--pictures", type=int, default=6, help="draw at most so many")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures and inspection.json")


def inspect(options: argparse.Namespace) -> None:
    """Prints the survey and writes the pictures."""
    kind = kind_of(options.data, options.layout) if options.kind == "auto" else options.kind
    config = DataConfig(kind, options.labels, options.camera, options.layout)
    label_set = LabelSet.load(options.label_set or _usual(kind, options.data))
    frames = open_frames(options.data, config, None, options.sequences)
    counted, chosen = Survey(label_set), evenly(len(frames), max(1, options.frames))
    drawn = {chosen[i] for i in evenly(len(chosen), options.pictures)}
    options.out.mkdir(parents=True, exist_ok=True)
    for index in chosen:
        frame = frames[index]
        ids = counted.add(frame)
        if index in drawn:
            path = options.out / f"{frames.name(index).replace('/', '_')}.png"
            if not cv2.imwrite(str(path), picture(frame, ids, label_set)[..., ::-1]):
                raise InputError(f"{path} could not be written; give another --out")
    result = {"data": options.data.name, "kind": kind, "label_set": label_set.name, **counted.result()}
    write_json(options.out / "inspection.json", result)
    print(report(result, len(frames)))
    print(f"{len(drawn)} pictures and inspection.json in {options.out}")


def picture(frame: Frame, ids: NDArray[np.uint8], label_set: LabelSet) -> NDArray[np.uint8]:
    """The image above its labelled points [N] and the names of their colours; ignored points are left out."""
    uv, depth = frame.views[0].calibration.project(frame.points)
    colors = np.concatenate([label_set.colors, np.array([UNKNOWN_COLOR], np.uint8)])
    shown = np.where(ids == OOD, len(colors) - 1, ids).astype(np.uint8)
    labelled = draw_classes(frame.views[0].image, uv, shown, colors, depth)
    return np.concatenate(
        [frame.views[0].image, draw_legend(labelled, [c.name for c in label_set.classes], label_set.colors)]
    )


def report(result: dict[str, Any], whole: int) -> str:
    """The survey as text."""
    lines = [
        f"{result['data']}: {result['kind']}, {result['frames']} of {whole} frames, {result['points']} points, "
        f"{result['in_view_share']:.1%} of them in the camera's view",
        f"label set {result['label_set']}: {result['unknown_share']:.2%} of the labelled points are unknown objects, "
        f"{result['ignored_share']:.1%} of all points are ignored",
    ]
    lines += [f"  {name:22s} {share:7.2%}" for name, share in result["classes"].items()]
    for name in ("range", "intensity"):
        lines.append(f"{name:9s}  " + "  ".join(f"{k} {v:.3g}" for k, v in result[name].items()))
    lines.append(
        f"image contrast at the cloud's edges is {result['edge_alignment']:.2f} times that elsewhere "
        "(near 1: look whether the calibration is right)"
    )
    if result["unlisted"]:
        ids = ", ".join(f"{i} ({count} points)" for i, count in sorted(result["unlisted"].items())[:12])
        lines.append(f"raw ids that the label set does not list: {ids}; training would refuse these labels")
    return "\n".join(lines)


def _usual(kind: str, root: Path) -> str:
    """The simulator's data are in SemanticKITTI's layout too, with a list of scenes beside them."""
    return "street" if kind == "bag" or (root / "scenes.json").is_file() else USUAL[kind]
