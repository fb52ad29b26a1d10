"""Trees, bushes and hedges."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from simulation.look import palette
from simulation.world.geometry import Mesh, Vector, blob, cone, merge
from simulation.world.world import Thing, World

VEGETATION, TRUNK = 70, 71
BLOBS, CONES = 6, 2
FAR_CROWNS = 8
FAR = 50.0  # metres from the street's beginning


class Garden:
    """The greenery of one world: a few leaf materials and crown shapes that its plants share."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._leaves = [palette.foliage(world, rng) for _ in range(4)]
        self._barks = [palette.bark(world, rng) for _ in range(2)]

    def leaf(self) -> str:
        """A material of leaves."""
        return self._leaves[self._rng.integers(len(self._leaves))]

    def _blob(self, at: Vector) -> str:
        """A crown shape, coarser where it stands far from the street's beginning."""
        index, detail = int(self._rng.integers(BLOBS)), 1 if np.hypot(at[0], at[1]) > FAR else 2
        return self._world.shared_mesh(("blob", index, detail), partial(_crown, index, detail), smooth=True)

    def tree(self, at: Vector, conifers: float = 0.25) -> None:
        """A broadleaf tree, or by a chance a conifer, whose branches reach down to the ground."""
        trunk = self._world.thing(TRUNK, at)
        crown = trunk.labelled(VEGETATION)
        draw = self._rng.random()
        if draw < conifers:
            self._conifer(trunk, crown)
        elif draw > 0.9:
            self._bare(trunk)
        elif draw > 0.82:
            self._poplar(trunk, crown, at)
        else:
            self._broadleaf(trunk, crown, at)

    def _bare(self, trunk: Thing) -> None:
        """A tree in winter."""
        rng, bark = self._rng, self._barks[self._rng.integers(2)]
        height = rng.uniform(4.5, 7.5)
        trunk.rod((0, 0, 0), (*rng.normal(0, 0.2, 2), height), rng.uniform(0.08, 0.15), bark)
        for _ in range(rng.integers(6, 11)):
            start, turn, reach = rng.uniform(2.3, 0.9 * height), rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 2.0)
            end = (reach * np.cos(turn), reach * np.sin(turn), start + rng.uniform(0.7, 1.6))
            trunk.rod((0, 0, start), end, 0.035, bark)

    def _poplar(self, trunk: Thing, crown: Thing, at: Vector) -> None:
        """A tall narrow tree."""
        rng, leaf = self._rng, self.leaf()
        trunk.rod((0, 0, 0), (0, 0, 3), 0.14, self._barks[rng.integers(2)])
        key = ("poplar", int(rng.integers(2)), bool(np.hypot(at[0], at[1]) > FAR))
        made = np.random.default_rng(300 + key[1])
        name = self._world.shared_mesh(key, lambda: blob(made, (0.8, 0.8, 3.2), 0.12, 1 if key[2] else 2), smooth=True)
        crown.mesh(name, leaf, (0, 0, rng.uniform(4.2, 5.2)))

    def _broadleaf(self, trunk: Thing, crown: Thing, at: Vector) -> None:
        rng = self._rng
        height, spread = rng.uniform(2.8, 4.8), rng.uniform(0.9, 2.2)
        bark, leaf = self._barks[rng.integers(2)], self.leaf()
        lean = rng.uniform(-0.2, 0.2, 2)
        trunk.rod((0, 0, 0), (*lean, height), rng.uniform(0.09, 0.2), bark)
        for _ in range(2):
            trunk.rod((*lean * 0.75, height * 0.75), (*rng.normal(0, 0.6, 2), height + 0.6), 0.05, bark)
        if np.hypot(at[0], at[1]) > FAR:
            index, turn = int(rng.integers(FAR_CROWNS)), rng.uniform(0, np.pi)
            name = self._world.shared_mesh(("far crown", index), partial(_far_crown, index), smooth=True)
            crown.mesh(name, leaf, (*lean, height + 0.55 * spread), (np.cos(turn), 0, 0, np.sin(turn)))
            return
        for _ in range(rng.integers(3, 7)):
            place = rng.normal(0, 0.45, 3) * spread * [0.9, 0.9, 0.5] + [*lean, height + 0.55 * spread]
            quat = rng.normal(0, 1, 4)
            crown.mesh(self._blob(at), leaf, place, quat / np.linalg.norm(quat))

    def _conifer(self, trunk: Thing, crown: Thing) -> None:
        rng = self._rng
        height, leaf = rng.uniform(5, 9), self.leaf()
        trunk.cylinder(0.14, 0.6, (0, 0, 0.6), self._barks[0])
        for i in range(4):
            index = int(rng.integers(CONES))
            name = self._world.shared_mesh(("cone", index, i), partial(_ragged_cone, index, i))
            crown.mesh(name, leaf, (0, 0, 1.0 + height * i * 0.19))

    def bush(self, at: Vector) -> None:
        """A low round plant."""
        crown = self._world.thing(VEGETATION, at)
        crown.mesh(self._blob(at), self.leaf(), (0, 0, 0.25))

    def hedge(self, at: Vector, yaw: float, length: float, height: float) -> None:
        """A clipped hedge along its x."""
        crown = self._world.thing(VEGETATION, at, yaw)
        leaf = self.leaf()
        count = max(1, round(length / 2.5))
        half = length / count / 2
        for i in range(count):
            x = (i + 0.5) * 2 * half - length / 2
            wobble = self._rng.uniform(0.92, 1.05, 2)
            crown.box((half, 0.38 * wobble[0], height / 2 * wobble[1]), (x, 0, height / 2), leaf)


@cache
def _crown(index: int, detail: int) -> Mesh:
    rng = np.random.default_rng(100 + index)
    return blob(rng, rng.uniform(0.75, 1.3, 3), 0.16, detail)


@cache
def _far_crown(index: int) -> Mesh:
    """A whole crown as one mesh, for trees of which the camera sees little."""
    rng = np.random.default_rng(400 + index)
    spread = rng.uniform(0.9, 2.2)
    places = rng.normal(0, 0.45, (rng.integers(3, 6), 3)) * spread * [0.9, 0.9, 0.5]
    return merge([_crown(int(rng.integers(BLOBS)), 1).moved(place) for place in places])


@cache
def _ragged_cone(index: int, tier: int) -> Mesh:
    rng = np.random.default_rng(200 + index)
    radius = (1.9 - 0.38 * tier) * rng.uniform(0.85, 1.1)
    plain = cone(radius, 2.9, 14)
    vertices = plain.vertices + rng.normal(0, 0.1, plain.vertices.shape)
    uv = np.stack([np.arctan2(vertices[:, 1], vertices[:, 0]) * 2, np.hypot(vertices[:, 0], vertices[:, 1])], 1)
    return Mesh(vertices, plain.faces, uv)
