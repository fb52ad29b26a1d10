"""A MuJoCo world in the making: bodies of labelled geoms, textures and materials."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import mujoco as mj
import numpy as np

from simulation.look.surfaces import Surface
from simulation.look.textures import Texture
from simulation.world.geometry import Mesh, Vector

Z_TO_Y = (0.70710678, 0.70710678, 0.0, 0.0)  # quaternion that lays a cylinder's axis along y
Z_TO_X = (0.70710678, 0.0, 0.70710678, 0.0)


@dataclass(frozen=True)
class Placed:
    """A body and what it is: raw class id and instance (0 for none)."""

    body: str
    raw_id: int
    instance: int


class World:
    """Collects what a scene is made of; every geom's name carries raw class id and instance."""

    def __init__(self) -> None:
        self.spec = mj.MjSpec()
        self.surfaces: dict[str, Surface] = {}
        self.placed: list[Placed] = []
        self._meshes: dict[Hashable, str] = {}
        self._count = 0
        self.glow = 0.0  # share of their colour with which lamps shine; raised by night
        visual = self.spec.visual
        visual.map.znear, visual.map.zfar = 0.003, 4.0
        visual.quality.offsamples, visual.quality.shadowsize = 0, 1024
        visual.map.shadowclip = 0.6
        visual.quality.numslices, visual.quality.numstacks = 12, 6
        self.spec.stat.extent = 100.0
        self.spec.stat.center = [40, 0, 0]

    def unique(self, prefix: str) -> str:
        """A name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def lamp(self, rgb: Vector, surface: Surface, by_day: float = 0.0) -> str:
        """A plain material that shines by itself: by a share of its colour by day, by `glow` in the dark."""
        name = self.paint(rgb, surface)
        self.spec.material(name).emission = max(by_day, self.glow)
        return name

    def paint(self, rgb: Vector, surface: Surface, shine: float = 0.1) -> str:
        """A plain material, rgb in [0,1]; returns its name."""
        name = self.unique("mat")
        rgba = [*(min(max(float(c), 0.0), 1.0) for c in rgb), 1.0]
        self.spec.add_material(name=name, rgba=rgba, specular=shine, shininess=0.3 + 0.5 * shine, reflectance=0)
        self.surfaces[name] = surface
        return name

    def textured(
        self, texture: Texture, surface: Surface, repeat: tuple[float, float] = (1, 1), shine: float = 0.05
    ) -> str:
        """A material with a texture; returns its name."""
        height, width = texture.shape[:2]
        image = self.spec.add_texture(
            name=self.unique("tex"), type=mj.mjtTexture.mjTEXTURE_2D, width=width, height=height, nchannel=3
        )
        image.data = np.ascontiguousarray(texture).tobytes()
        name = self.unique("mat")
        material = self.spec.add_material(
            name=name, rgba=[1, 1, 1, 1], specular=shine, shininess=0.2, texrepeat=list(repeat)
        )
        textures = material.textures
        textures[mj.mjtTextureRole.mjTEXROLE_RGB] = image.name
        material.textures = textures
        self.surfaces[name] = surface
        return name

    def mesh(self, mesh: Mesh, smooth: bool = False) -> str:
        """A mesh asset; returns its name."""
        name = self.unique("mesh")
        values: dict[str, Any] = {
            "name": name,
            "uservert": mesh.vertices.ravel().tolist(),
            "userface": mesh.faces.ravel().tolist(),
            "inertia": mj.mjtMeshInertia.mjMESH_INERTIA_SHELL,
            "smoothnormal": smooth,
        }
        if mesh.uv is not None:
            values["usertexcoord"] = mesh.uv.ravel().tolist()
        self.spec.add_mesh(**values)
        return name

    def shared_mesh(self, key: Hashable, make: Callable[[], Mesh], smooth: bool = False) -> str:
        """A mesh asset made once a world and shared by the bodies that ask for the same key."""
        if key not in self._meshes:
            self._meshes[key] = self.mesh(make(), smooth)
        return self._meshes[key]

    def thing(self, raw_id: int, at: Vector, yaw: float = 0.0, instance: int = 0) -> Thing:
        """A new upright body of one class at x y z (metres), turned about z."""
        return self.turned_thing(raw_id, at, (np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)), instance)

    def turned_thing(
        self, raw_id: int, at: Vector, quaternion: Vector, instance: int = 0, moving: bool = False
    ) -> Thing:
        """A new body of one class at x y z (metres), turned by w x y z."""
        name = self.unique("body")
        body = self.spec.worldbody.add_body(name=name, pos=list(at), quat=list(quaternion), mocap=moving)
        self.placed.append(Placed(name, raw_id, instance))
        return Thing(self, body, raw_id, instance)


class Thing:
    """A body being put together from labelled geoms; positions are in its own frame, sizes are half sizes."""

    def __init__(self, world: World, body: Any, raw_id: int, instance: int) -> None:
        self.world, self.body, self.raw_id, self.instance = world, body, raw_id, instance

    @property
    def name(self) -> str:
        """The body's name."""
        return str(self.body.name)

    def labelled(self, raw_id: int) -> Thing:
        """The same body, further geoms of another class."""
        return Thing(self.world, self.body, raw_id, self.instance)

    def _add(self, kind: str, material: str, **values: Any) -> None:
        name = self.world.unique(f"{self.raw_id}|{self.instance}|")
        shape = getattr(mj.mjtGeom, f"mjGEOM_{kind}")
        self.body.add_geom(type=shape, name=name, material=material, contype=0, conaffinity=0, **values)

    def box(self, half: Vector, at: Vector, material: str, quat: Vector = (1, 0, 0, 0)) -> None:
        """A box."""
        self._add("BOX", material, size=list(half), pos=list(at), quat=list(quat))

    def ball(self, radii: Vector, at: Vector, material: str, quat: Vector = (1, 0, 0, 0)) -> None:
        """An ellipsoid."""
        self._add("ELLIPSOID", material, size=list(radii), pos=list(at), quat=list(quat))

    def cylinder(self, radius: float, half: float, at: Vector, material: str, quat: Vector = (1, 0, 0, 0)) -> None:
        """A cylinder, upright unless turned."""
        self._add("CYLINDER", material, size=[radius, half, 0], pos=list(at), quat=list(quat))

    def rod(self, start: Vector, end: Vector, radius: float, material: str) -> None:
        """A capsule from one point to another."""
        self._add("CAPSULE", material, size=[radius, 0, 0], fromto=[*start, *end])

    def mesh(self, name: str, material: str, at: Vector = (0, 0, 0), quat: Vector = (1, 0, 0, 0)) -> None:
        """A mesh asset by name."""
        self._add("MESH", material, meshname=name, pos=list(at), quat=list(quat))
