"""One street at one time of day: everything that the sensors can see, and how it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from simulation.centreline import draw_centreline
from simulation.claims import Claims, Footprint
from simulation.ground import Ground
from simulation.lighting import light
from simulation.motion import Motion, Mover
from simulation.plan import SIDES, draw_plan
from simulation.sensors.faults import NO_FAULTS, Faults
from simulation.sensors.rigs import Rig, load_rig
from simulation.stage import Stage
from simulation.surfaces import Surface
from simulation.surroundings import Surroundings
from simulation.traffic import Traffic, lane_group
from simulation.unknown import KINDS, OTHER_OBJECT
from simulation.weather import WEATHERS, Weather
from simulation.world import Placed, World

UNKNOWN_COUNT = (2, 6)
WITHOUT = 0.08  # share of scenes of a split with unknown objects that have none


@dataclass(frozen=True)
class SceneRequest:
    """seed: numbers that decide everything; kinds: of unknown objects, empty for none

    weather, rig: names, or "any" for a draw; a rig may also be a path to a .yaml file
    duration: seconds over which nothing may run into anything; speed: m/s of the ego vehicle, None for a draw
    faults: of the sensors, for robustness studies
    """

    seed: tuple[int, ...]
    kinds: tuple[str, ...] = ()
    weather: str = "any"
    rig: str = "any"
    duration: float = 1.5
    speed: float | None = None
    faults: Faults = NO_FAULTS


@dataclass(frozen=True)
class Unknown:
    """One unknown object: its instance id, kind and size (length, width, height in metres)."""

    instance: int
    kind: str
    size: tuple[float, float, float]

    def record(self) -> dict[str, Any]:
        """As it is written to files."""
        return {**asdict(self), "size": [round(v, 3) for v in self.size]}


class Scene:
    """A compiled world that can be set to any time of its duration.

    label: [G] uint16 raw ids, instance: [G] uint16, surface: per geom reflectivity and share lost, [G] each
    """

    def __init__(self, stage: Stage, rig: Rig, weather_name: str, shadows: bool, unknowns: list[Unknown]) -> None:
        self.rig, self.weather_name, self.shadows, self.unknowns = rig, weather_name, shadows, unknowns
        self.ego, self.duration, self.line = stage.ego, stage.duration, stage.line
        self.movers: list[Mover] = stage.movers
        self.placed: list[Placed] = stage.world.placed
        self.model: mj.MjModel = stage.world.spec.compile()
        self.data = mj.MjData(self.model)
        self._read_geoms(stage.world.surfaces)
        ids = [mj.mj_name2id(self.model, mj.mjtObj.mjOBJ_BODY, m.body) for m in self.movers]
        self._mocap = self.model.body_mocapid[ids] if ids else np.zeros(0, int)
        self.moving_geom = np.isin(self.model.geom_bodyid, ids)
        self.at(0.0)

    @property
    def weather(self) -> Weather:
        """The weather by its name."""
        return WEATHERS[self.weather_name]

    def _read_geoms(self, surfaces: dict[str, Surface]) -> None:
        model, kind = self.model, mj.mjtObj
        names = [mj.mj_id2name(model, kind.mjOBJ_GEOM, i).split("|") for i in range(model.ngeom)]
        self.label = np.array([int(n[0]) for n in names], np.uint16)
        self.instance = np.array([int(n[1]) for n in names], np.uint16)
        known = [surfaces[mj.mj_id2name(model, kind.mjOBJ_MATERIAL, i)] for i in model.geom_matid]
        self.reflectivity = np.array([s.reflectivity for s in known], np.float32)
        self.lost = np.array([s.lost for s in known], np.float32)

    def at(self, t: float) -> NDArray[np.float64]:
        """Moves everything to a time; returns the pose [4,4] of base_link in the world."""
        for mocap, mover in zip(self._mocap, self.movers, strict=True):
            position, yaw = mover.motion.pose(self.line, t)
            self.data.mocap_pos[mocap] = position
            self.data.mocap_quat[mocap] = [np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)]
        mj.mj_kinematics(self.model, self.data)
        position, yaw = self.ego.pose(self.line, t)
        pose = np.eye(4)
        pose[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
        pose[:3, 3] = position
        return pose


def build_scene(request: SceneRequest) -> Scene:
    """Draws a scene; the same request gives the same scene."""
    rng = np.random.default_rng(request.seed)
    weather_name = _choose(request.weather, list(WEATHERS), [0.3, 0.22, 0.13, 0.12, 0.13, 0.1], rng, "weather")
    drawn_rig = str(rng.choice(["kitti", "nuscenes"], p=[0.75, 0.25]))
    rig = load_rig(drawn_rig if request.rig == "any" else request.rig, rng)
    rig = request.faults.apply(rig, np.random.default_rng([*request.seed, 2]))
    plan, line = draw_plan(rng), draw_centreline(rng)
    lane = int(rng.integers(plan.lanes))
    drawn = float(rng.uniform(5, 12))
    ego = Motion(0.0, plan.lane_centre(lane), drawn if request.speed is None else request.speed)
    half_view = max(rig.K[0, 2], rig.width - rig.K[0, 2]) / rig.K[0, 0]
    stage = Stage(World(), line, plan, Claims(line), ego, request.duration, half_view=half_view)
    shadows = light(stage.world, WEATHERS[weather_name], rng)
    Ground(stage.world, line, plan, rng).lay()
    stage.claims.take((-4.0, stage.way + 5.0, ego.d - 1.3, ego.d + 1.3), group=lane_group(lane))
    unknowns = place_unknowns(stage, rng, request.kinds)
    traffic, surroundings = Traffic(stage, rng, lane), Surroundings(stage, rng)
    traffic.people_on_road()
    traffic.riders()
    surroundings.islands()
    surroundings.kerbside()
    traffic.parked()
    traffic.driving()
    surroundings.plots()
    traffic.people_on_sidewalks()
    surroundings.horizon()
    return Scene(stage, rig, weather_name, shadows, unknowns)


def _choose(name: str, names: Sequence[str], shares: Sequence[float], rng: np.random.Generator, what: str) -> str:
    drawn = names[rng.choice(len(names), p=shares)]
    if name == "any":
        return drawn
    if name not in names:
        raise InputError(f"{what} '{name}' does not exist, expected 'any' or one of {list(names)}; choose one of these")
    return name


def place_unknowns(stage: Stage, rng: np.random.Generator, kinds: Sequence[str]) -> list[Unknown]:
    """Puts unknown objects on road, sidewalk and the edge of the terrain; returns those that found room."""
    placed: list[Unknown] = []
    count = int(rng.integers(*UNKNOWN_COUNT) + stage.way / 15) if rng.random() > WITHOUT else 0
    for _ in range(count if kinds else 0):
        name = str(rng.choice(list(kinds)))
        for _ in range(20):
            size = KINDS[name].draw_size(rng)
            yaw, d = rng.uniform(0, 2 * np.pi), _offset(stage, rng)
            s = stage.way * rng.uniform(0, 1) + rng.triangular(6.5, 9, 36)
            motion = Motion(s, d, yaw=yaw, z=stage.plan.ground(d))
            if stage.take(motion, Footprint.of(size[0], size[1], yaw), (0.5, 0.2)):
                thing = stage.put(OTHER_OBJECT, motion, instance=len(placed) + 1)
                KINDS[name].build(stage.world, rng, thing, size)
                placed.append(Unknown(thing.instance, name, size))
                break
    return placed


def _offset(stage: Stage, rng: np.random.Generator) -> float:
    """Where across the street: mostly on the road, else on the sidewalk or just behind it."""
    plan, side = stage.plan, int(rng.choice(SIDES))
    place = rng.choice(3, p=[0.62, 0.23, 0.15])
    if place == 0:
        return float(rng.uniform(-plan.road_edge(-1) + 0.7, plan.road_edge(1) - 0.7))
    if place == 1 and plan.side(side).sidewalk:
        return side * float(rng.uniform(plan.walk_start(side) + 0.4, plan.walk_end(side)))
    return side * float(plan.walk_end(side) + rng.uniform(0.8, 3.5))
