"""A scene: street, surroundings, traffic, people and, where asked for, unknown objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import mujoco as mj
import numpy as np

from simulation import surroundings as sr
from simulation import textures as tx
from simulation import vehicles as vh
from simulation.palette import Palette
from simulation.people import PERSON, pedestrian
from simulation.placement import Ground, corners
from simulation.street import KERB, LANE, Street, build_street, random_street
from simulation.traffic import Mover
from simulation.unknown import KINDS, UNKNOWN
from simulation.weather import WEATHERS, Weather
from simulation.world import Thing, World

Builder = Callable[[Thing, Palette], tuple[float, float]]


@dataclass
class Scene:
    """A finished scene.

    ego_offset, ego_speed: of the own car; seconds: how long it may drive; kinds: unknown kind by instance id
    reflectivity: of materials that reflect otherwise than their colour says
    """

    seed: int
    weather: Weather
    weather_name: str
    street: Street
    world: World
    ego_offset: float
    ego_speed: float
    seconds: float
    movers: list[Mover] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    reflectivity: dict[str, float] = field(default_factory=dict)


class SceneBuilder:
    """Puts a scene together; the order of placement decides who yields."""

    def __init__(self, seed: int, weather_name: str, kinds: Sequence[str], seconds: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.world, self.ground = World(), Ground()
        self.palette = Palette(self.world, self.rng)
        street = random_street(self.rng)
        forward = [o for o in _lane_offsets(street) if o <= 0]
        self.scene = Scene(
            seed, WEATHERS[weather_name], weather_name, street, self.world,
            ego_offset=float(self.rng.choice(forward)), ego_speed=float(self.rng.uniform(4, 9)), seconds=seconds,
        )  # fmt: skip
        self.scene.reflectivity = dict.fromkeys(self.palette.leaves, 0.55)
        self.unknown_kinds = list(kinds)

    def build(self) -> Scene:
        """The scene with everything in it."""
        build_street(self.world, self.scene.street, self.palette)
        self._light()
        flowing = self._reserve_ways()
        self._unknown()
        self._things_on_the_road()
        self._traffic(flowing)
        self._parked()
        self._along_the_sidewalk()
        self._plots()
        return self.scene

    def _light(self) -> None:
        w, spec = self.scene.weather, self.world.spec
        elevation, azimuth = self.rng.uniform(*w.sun_height), self.rng.uniform(0, 2 * np.pi)
        down = -np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])
        spec.worldbody.add_light(
            type=mj.mjtLightType.mjLIGHT_DIRECTIONAL, pos=[0, 0, 40], dir=list(down),
            diffuse=list(w.sun * np.array(w.sun_color)), specular=[0.2] * 3, ambient=[0.02] * 3, castshadow=w.shadows,
        )  # fmt: skip
        head = spec.visual.headlight
        head.ambient, head.specular = [w.ambient] * 3, [0.0] * 3
        head.diffuse = [0.5 if self.scene.weather_name == "night" else 0.12] * 3
        top, horizon, cloud = (np.array(c, float) for c in (w.sky_top, w.sky_horizon, w.cloud))
        sky = tx.sky(top, horizon, cloud, w.cover, int(self.rng.integers(6)))
        box = spec.add_texture(
            name="sky", type=mj.mjtTexture.mjTEXTURE_SKYBOX, width=128, height=128 * 6, nchannel=3
        )
        box.data = sky.tobytes()
        spec.visual.rgba.fog = spec.visual.rgba.haze = [*(horizon / 255), 1]
        spec.visual.map.fogstart, spec.visual.map.fogend = w.fog

    def _reserve_ways(self) -> dict[float, float]:
        """Takes the ways of everything that moves; returns the speed of each flowing lane by offset."""
        s, rng = self.scene, self.rng
        flowing: dict[float, float] = {}
        for offset in _lane_offsets(s.street):
            own = offset == s.ego_offset
            if rng.random() < (0.4 if own else 0.6):
                same_way = offset <= 0
                flowing[offset] = s.ego_speed if own else float(rng.uniform(3, 9) * (1 if same_way else -1))
                self._reserve_strip(-60, 160, offset, 2.6)
            elif own:
                self._reserve_strip(-12, s.ego_speed * s.seconds + 7, offset, 2.6)
            elif abs(offset - s.ego_offset) < LANE + 0.1:  # nothing large close beside the camera
                self._reserve_strip(-12, 9, offset, 2.6)
        for side in (1, -1):
            self._reserve_strip(-60, 160, side * (s.street.outer - 0.7), 1.0)
        return flowing

    def _reserve_strip(self, start: float, end: float, offset: float, width: float) -> None:
        step = 8.0
        for x in np.arange(start, end, step):
            length = min(step, end - x)
            middle = x + length / 2
            place = corners(*self.scene.street.at(middle, offset), self.scene.street.yaw(middle), length, width)
            self.ground.reserve(place)

    def _stand(
        self, raw_id: int, builder: Builder, x: float, offset: float, turn: float, size: tuple[float, float], instance: int = 0
    ) -> bool:
        """Puts a still thing where there is room for `size`; x along and offset beside the street."""
        street = self.scene.street
        px, py = street.at(x, offset)
        yaw = street.yaw(x) + turn
        if not self.ground.claim(corners(px, py, yaw, *size)):
            return False
        builder(self.world.thing(raw_id, (px, py, street.height(offset)), yaw, instance), self.palette)
        return True

    def _unknown(self) -> None:
        if not self.unknown_kinds:
            return
        s, rng = self.scene, self.rng
        for instance in range(1, int(rng.integers(2, 6))):
            kind = str(rng.choice(self.unknown_kinds))
            scale = rng.uniform(0.6, 1.5)
            room = {"boat": 3.4 * scale, "animal": 3 * scale, "pipes": 3.2 * scale}.get(kind, 2.3 * scale)
            for _ in range(40):
                offset = self._unknown_offset()
                x, turn = s.ego_speed * s.seconds * rng.random() * 0.5 + rng.uniform(7, 32), rng.uniform(0, 2 * np.pi)

                def builder(thing: Thing, palette: Palette, kind: str = kind, scale: float = scale) -> tuple[float, float]:
                    return KINDS[kind](thing, palette, scale)

                if self._stand(UNKNOWN, builder, x, offset, turn, (room, room), instance):
                    s.kinds[instance] = kind
                    break

    def _unknown_offset(self) -> float:
        """On the road, on the sidewalk or on the terrain beside it."""
        street, rng = self.scene.street, self.rng
        where, side = rng.random(), float(rng.choice([-1, 1]))
        if where < 0.65:
            return float(rng.uniform(-street.half + 0.8, street.half - 0.8))
        if where < 0.85:
            return side * float(rng.uniform(street.half + 0.5, street.outer - 1.3))
        return side * float(rng.uniform(street.outer + 1, street.outer + 5))

    def _things_on_the_road(self) -> None:
        """Known things that stand on the road, so that standing there says nothing."""
        rng, half = self.rng, self.scene.street.half
        choices: list[tuple[int, Builder, tuple[float, float]]] = [
            (PERSON, pedestrian, (0.8, 0.8)), (PERSON, pedestrian, (0.8, 0.8)),
            (vh.BICYCLE, vh.bicycle, (2.0, 0.8)), (vh.MOTORCYCLE, vh.motorcycle, (2.3, 0.9)),
            (sr.POLE, _as_builder(sr.bollard), (0.4, 0.4)), (vh.CAR, vh.car, (5.8, 2.4)),
        ]  # fmt: skip
        for _ in range(int(rng.integers(2, 8))):
            raw_id, builder, size = choices[int(rng.integers(len(choices)))]
            offset = float(rng.uniform(-half + 0.5, half - 0.5))
            turn = rng.normal(0, 0.1) + (0 if offset <= 0 else np.pi) if raw_id == vh.CAR else rng.uniform(0, 2 * np.pi)
            self._stand(raw_id, builder, float(rng.uniform(8, 55)), offset, turn, size)

    def _traffic(self, flowing: dict[float, float]) -> None:
        s, rng = self.scene, self.rng
        for offset, speed in flowing.items():
            own = offset == s.ego_offset
            beside = abs(offset - s.ego_offset) < LANE + 0.1
            x = float(rng.uniform(10, 28)) if own or beside else float(rng.uniform(-30, 10))
            if beside and not own and speed < 0:
                x += abs(speed) * s.seconds + s.ego_speed * s.seconds
            while x < 130:
                raw_id, builder = self._vehicle(large=not beside)
                thing = self.world.thing(raw_id, (0, 0, 0), moving=True)
                length, _ = builder(thing, self.palette)
                s.movers.append(Mover(thing.name, x + length / 2, offset, speed))
                x += length + rng.uniform(5, 30)

    def _vehicle(self, large: bool) -> tuple[int, Builder]:
        chance = self.rng.random()
        if chance < 0.72 or (not large and chance >= 0.86):
            return vh.CAR, vh.car
        if chance < 0.8:
            return vh.BICYCLIST, lambda thing, palette: vh.bicycle(thing, palette, True)
        if chance < 0.86:
            return vh.MOTORCYCLIST, lambda thing, palette: vh.motorcycle(thing, palette, True)
        return (vh.TRUCK, vh.truck) if chance < 0.93 else (vh.BUS, vh.bus)

    def _parked(self) -> None:
        s, rng = self.scene, self.rng
        if s.street.parking < 2:
            return
        for side in (1, -1):
            x, share = float(rng.uniform(-15, 0)), rng.uniform(0.3, 0.9)
            while x < 110:
                near = abs(side * (s.street.half - 1.1) - s.ego_offset) < 4 and -8 < x < 7
                if rng.random() < share and not near:
                    turn = (np.pi if side > 0 else 0) + rng.normal(0, 0.02)
                    self._stand(vh.CAR, vh.car, x, side * (s.street.half - 1.1), turn, (5.6, 2.2))
                x += rng.uniform(5.6, 7)

    def _along_the_sidewalk(self) -> None:
        s, rng = self.scene, self.rng
        crowns = self._crowns = sr.make_crowns(self.palette)
        edge = s.street.half + 0.5
        for side in (1, -1):
            for _ in range(int(rng.integers(2, 9))):
                self._walker(side)
            for _ in range(int(rng.integers(0, 4))):
                kind = [(vh.BICYCLE, vh.bicycle, (2.0, 0.8)), (vh.MOTORCYCLE, vh.motorcycle, (2.3, 0.9)),
                        (PERSON, pedestrian, (0.8, 0.8))][int(rng.integers(3))]  # fmt: skip
                offset = side * float(rng.uniform(edge, s.street.outer - 1.6))
                self._stand(kind[0], kind[1], float(rng.uniform(5, 70)), offset, rng.uniform(0, 6.28), kind[2])
            x, spacing, trees = -15.0, float(rng.uniform(9, 22)), rng.random() < 0.5
            while x < 130:
                if trees:
                    self._stand(sr.TRUNK, _as_builder(sr.tree, crowns), x, side * edge, rng.uniform(0, 6.28), (0.7, 0.7))
                self._furniture(x + spacing / 2, side, edge)
                x += spacing * rng.uniform(0.8, 1.2)

    def _walker(self, side: int) -> None:
        """A pedestrian on the strip that is kept free; all on one side walk the same way at the same pace."""
        s, rng = self.scene, self.rng
        x = float(rng.uniform(-5, 90))
        offset = side * (s.street.outer - 0.7)
        own = [m.x for m in s.movers if m.offset == offset]
        if all(abs(x - other) > 1.2 for other in own):
            thing = self.world.thing(PERSON, (0, 0, 0), moving=True)
            pedestrian(thing, self.palette)
            s.movers.append(Mover(thing.name, x, offset, 1.3 * side))

    def _furniture(self, x: float, side: int, edge: float) -> None:
        kinds = (_as_builder(sr.lamp_post, side), _as_builder(sr.traffic_sign), _as_builder(sr.traffic_light))
        builder = kinds[int(self.rng.choice(3, p=[0.45, 0.4, 0.15]))]
        if self.rng.random() < 0.75:
            self._stand(sr.POLE, builder, x, side * edge, 0.0, (0.4, 0.4))

    def _plots(self) -> None:
        s, rng = self.scene, self.rng
        for side in (1, -1):
            urban, x = rng.uniform(0.2, 1), -45.0
            while x < 170:
                length = float(rng.uniform(8, 22))
                if rng.random() < urban:
                    self._house(x + length / 2, side, length)
                else:
                    self._garden(x, side, length)
                x += length + float(rng.choice([0, rng.uniform(1, 8)]))

    def _house(self, x: float, side: int, length: float) -> None:
        street = self.scene.street
        setback = float(self.rng.uniform(1, 8))
        offset = side * (street.outer + setback + 6.5)
        if not self.ground.claim(corners(*street.at(x, offset), street.yaw(x), length, 13)):
            return
        place = (*street.at(x, offset), KERB - 0.1)
        sr.building(self.world.thing(sr.BUILDING, place, street.yaw(x)), self.palette, length, side)

    def _garden(self, x: float, side: int, length: float) -> None:
        street, rng = self.scene.street, self.rng
        middle = x + length / 2
        if rng.random() < 0.6:
            barrier = sr.fence if rng.random() < 0.6 else sr.hedge
            raw_id = sr.FENCE if barrier is sr.fence else sr.VEGETATION
            self._stand(raw_id, _as_builder(barrier, length), middle, side * (street.outer + 0.4), 0.0, (length, 0.7))
        for _ in range(int(rng.integers(2, 6))):
            place = (x + rng.uniform(0, length), side * (street.outer + rng.uniform(1.5, 16)))
            self._stand(sr.TRUNK, _as_builder(sr.tree, self._crowns), *place, rng.uniform(0, 6.28), (0.8, 0.8))
        for _ in range(int(rng.integers(0, 4))):
            place = (x + rng.uniform(0, length), side * (street.outer + rng.uniform(1.2, 5)))
            self._stand(sr.VEGETATION, _as_builder(sr.bush, self._crowns), *place, rng.uniform(0, 6.28), (2, 2))


def _as_builder(make: Callable[..., object], *arguments: object) -> Builder:
    """A builder that passes further arguments on."""

    def builder(thing: Thing, palette: Palette) -> tuple[float, float]:
        make(thing, palette, *arguments)
        return 0.0, 0.0

    return builder


def _lane_offsets(street: Street) -> list[float]:
    return [(lane + 0.5 - street.lanes / 2) * LANE for lane in range(street.lanes)]
