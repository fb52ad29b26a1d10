"""A picture of every kind of unknown object, in one contact sheet."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from simulation.actors.motion import Motion
from simulation.look.lighting import light
from simulation.look.weather import WEATHERS
from simulation.sensors.camera import Camera
from simulation.sensors.rigs import load_rig
from simulation.unknown import KINDS, OTHER_OBJECT
from simulation.unknown.kind import Kind, Size
from simulation.world.centreline import END, START, STEP, Centreline
from simulation.world.claims import Claims
from simulation.world.ground import Ground
from simulation.world.plan import Plan, Side
from simulation.world.scene import Scene
from simulation.world.stage import Stage
from simulation.world.world import World

COLUMNS, WIDTH, HEIGHT, CAPTION = 8, 148, 118, 24  # tiles and pixels
ASKEW = 0.5  # radians by which an object is turned from looking straight into the camera
VERGE = Side(parking=0.0, verge=0.0, sidewalk=2.0, slope=0.0, setback=5.0, urban=0.5)


def write_kinds_sheet(out: Path, seed: int) -> None:
    """One small picture of each kind on a quiet street, with kind, family and tier below it; .jpg or .png."""
    tiles = [_tile(name, kind, (seed, i)) for i, (name, kind) in enumerate(KINDS.items())]
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    if not out.parent.is_dir() or not cv2.imwrite(str(out), np.vstack(rows)[..., ::-1]):
        raise InputError(f"{out} cannot be written; give a file ending in .png or .jpg in an existing folder")


def _tile(name: str, kind: Kind, seed: tuple[int, int]) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    size = kind.draw_size(rng)
    picture = _portrait(kind, size, rng)
    text = np.full((CAPTION, WIDTH, 3), 255, np.uint8)
    for line, y in ((f"{name} ({kind.tier})", 10), (kind.family, 21)):
        cv2.putText(text, line, (3, y), cv2.FONT_HERSHEY_SIMPLEX, 0.34, (20, 20, 20), 1, cv2.LINE_AA)
    return np.vstack([picture, text])


def _portrait(kind: Kind, size: Size, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The object [HEIGHT,WIDTH,3] seen from a little above."""
    plan, level = Plan(1, 3.3, VERGE, VERGE, 0.12, None), np.zeros(int((END - START) / STEP) + 1)
    line = Centreline(level, level)
    stage = Stage(World(), line, plan, Claims(line), Motion(0.0, 0.0), 0.0)
    light(stage.world, WEATHERS["cloudy"], rng)
    Ground(stage.world, line, plan, rng).lay()
    yaw = -ASKEW if kind.posture in ("facing", "leaning") else np.pi - ASKEW
    thing = stage.put(OTHER_OBJECT, Motion(10.0, 0.0, yaw=yaw), instance=1)
    kind.build(stage.world, rng, thing, size)
    rig = load_rig("kitti")
    scene = Scene(stage, rig, "cloudy", False, [])
    distance = 0.6 + 2.1 * max(size[2], 0.8 * size[0], 0.8 * size[1])
    camera = Camera(scene)
    image = camera.render(_look_at(np.array([10.0, 0, size[2] / 2]), distance, rig.T_base_camera))
    camera.close()
    half = round(rig.height / 2 * WIDTH / HEIGHT)
    middle = rig.width // 2
    cut = np.ascontiguousarray(image[:, middle - half : middle + half])
    return np.asarray(cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _look_at(target: NDArray[np.float64], distance: float, T_base_camera: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pose [4,4] of base_link from which the camera looks along +x and 0.35 rad downwards at a point."""
    c, s = np.cos(0.35), np.sin(0.35)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    eye = target - distance * pose[:3, 0]
    pose[:3, 3] = eye - pose[:3, :3] @ T_base_camera[:3, 3]
    return pose
