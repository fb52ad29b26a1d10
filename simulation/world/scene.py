"""One street at one time of day: everything that the sensors can see, and how it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco as mj
import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError
from simulation.actors.motion import Motion, Mover
from simulation.actors.traffic import Traffic, lane_group
from simulation.look.lighting import light
from simulation.look.surfaces import Surface
from simulation.look.weather import WEATHERS, Weather
from simulation.sensors.faults import NO_FAULTS, Faults
from simulation.sensors.rigs import Rig, load_rig
from simulation.unknown.placement import Unknown, place_unknowns
from simulation.world.centreline import draw_centreline
from simulation.world.claims import Claims
from simulation.world.ground import Ground
from simulation.world.plan import draw_plan
from simulation.world.side_street import fill_side_street, reserve_side_street
from simulation.world.stage import Stage
from simulation.world.surroundings import Surroundings
from simulation.world.world import Placed, World


@dataclass(frozen=True)
class SceneRequest:
    """seed: numbers that decide everything; kinds: of unknown objects, empty for none

    weather, rig: names, or "any" for a draw; a rig may also be a path to a .yaml file, or a Rig to be taken as it is
    duration: seconds over which nothing may run into anything; speed: m/s of the ego vehicle, None for a draw
    faults: of the sensors, for robustness studies; mounting: seed of how exactly the rig is mounted, None for a draw
    """

    seed: tuple[int, ...]
    kinds: tuple[str, ...] = ()
    weather: str = "any"
    rig: str | Rig = "any"
    duration: float = 1.5
    speed: float | None = None
    faults: Faults = NO_FAULTS
    mounting: tuple[int, ...] | None = None


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
            self.data.mocap_pos[mocap] = mover.motion.pose(self.line, t)[0]
            mj.mju_mat2Quat(self.data.mocap_quat[mocap], mover.motion.rotation(self.line, t).ravel())
        mj.mj_kinematics(self.model, self.data)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = self.ego.rotation(self.line, t), self.ego.pose(self.line, t)[0]
        return pose


def build_scene(request: SceneRequest) -> Scene:
    """Draws a scene; the same request gives the same scene."""
    rng = np.random.default_rng(request.seed)
    weather_name = _choose(request.weather, list(WEATHERS), [0.3, 0.22, 0.13, 0.12, 0.13, 0.1], rng, "weather")
    rig = request.faults.apply(_rig(request, rng), np.random.default_rng([*request.seed, 2]))
    plan = draw_plan(rng)
    line = draw_centreline(rng, plan.junction.span if plan.junction else None)
    lane = int(rng.integers(plan.lanes))
    drawn = float(rng.uniform(5, 12))
    ego = Motion(0.0, plan.lane_centre(lane), drawn if request.speed is None else request.speed)
    half_view = max(rig.K[0, 2], rig.width - rig.K[0, 2]) / rig.K[0, 0]
    stage = Stage(World(), line, plan, Claims(line), ego, request.duration, half_view=half_view)
    shadows = light(stage.world, WEATHERS[weather_name], rng)
    Ground(stage.world, line, plan, rng).lay()
    stage.claims.take((-4.0, stage.way + 5.0, ego.d - 1.3, ego.d + 1.3), group=lane_group(lane))
    reserve_side_street(stage)
    unknowns = place_unknowns(stage, rng, request.kinds)
    traffic, surroundings = Traffic(stage, rng, lane), Surroundings(stage, rng)
    traffic.people_on_road()
    traffic.small_things()
    traffic.riders()
    fill_side_street(stage, rng)
    surroundings.islands()
    surroundings.corners()
    surroundings.shelters()
    surroundings.kerbside()
    traffic.parked()
    traffic.driving()
    surroundings.backdrop.side_street()
    surroundings.plots()
    traffic.people_on_sidewalks()
    surroundings.backdrop.woods()
    surroundings.backdrop.horizon()
    return Scene(stage, rig, weather_name, shadows, unknowns)


def _rig(request: SceneRequest, rng: np.random.Generator) -> Rig:
    drawn = str(rng.choice(["kitti", "nuscenes"], p=[0.75, 0.25]))
    if isinstance(request.rig, Rig):
        load_rig(drawn, rng)  # takes as many draws as any shipped rig that does not vary: the street stays the same
        return request.rig
    name = drawn if request.rig == "any" else request.rig
    rig = load_rig(name, rng)
    return rig if request.mounting is None else load_rig(name, np.random.default_rng(request.mounting))


def _choose(name: str, names: Sequence[str], shares: Sequence[float], rng: np.random.Generator, what: str) -> str:
    drawn = names[rng.choice(len(names), p=shares)]
    if name == "any":
        return drawn
    if name not in names:
        raise InputError(f"{what} '{name}' does not exist, expected 'any' or one of {list(names)}; choose one of these")
    return name
