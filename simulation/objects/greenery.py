"""Trees, bushes and hedges."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulation import palette
from simulation.geometry import Mesh, Vector, blob, cone
from simulation.world import Thing, World

VEGETATION, TRUNK = 70, 71
BLOBS, CONES = 6, 2


class Garden:
    """The greenery of one world: a few leaf materials and crown shapes that its plants share."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self._leaves = [palette.foliage(world, rng) for _ in range(4)]
        self._barks = [palette.bark(world, rng) for _ in range(2)]

    def leaf(self) -> str:
        """A material of leaves."""
        return self._leaves[self._rng.integers(len(self._leaves))]

    def _blob(self) -> str:
        index = int(self._rng.integers(BLOBS))
        made = np.random.default_rng(100 + index)
        return self._world.shared_mesh(
            ("blob", index), lambda: blob(made, made.uniform(0.75, 1.3, 3), 0.16), smooth=True
        )

    def tree(self, at: Vector, conifers: float = 0.25) -> None:
        """A broadleaf tree, or by a chance a conifer, whose branches reach down to the ground."""
        trunk = self._world.thing(TRUNK, at)
        crown = trunk.labelled(VEGETATION)
        if self._rng.random() < conifers:
            self._conifer(trunk, crown)
        else:
            self._broadleaf(trunk, crown)

    def _broadleaf(self, trunk: Thing, crown: Thing) -> None:
        rng = self._rng
        height, spread = rng.uniform(2.8, 4.8), rng.uniform(1.0, 2.1)
        bark, leaf = self._barks[rng.integers(2)], self.leaf()
        lean = rng.uniform(-0.2, 0.2, 2)
        trunk.rod((0, 0, 0), (*lean, height), rng.uniform(0.09, 0.2), bark)
        for _ in range(2):
            trunk.rod((*lean * 0.75, height * 0.75), (*rng.normal(0, 0.6, 2), height + 0.6), 0.05, bark)
        for _ in range(rng.integers(3, 7)):
            at = rng.normal(0, 0.45, 3) * spread * [0.9, 0.9, 0.5] + [*lean, height + 0.55 * spread]
            quat = rng.normal(0, 1, 4)
            crown.mesh(self._blob(), leaf, at, quat / np.linalg.norm(quat))

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
        crown.mesh(self._blob(), self.leaf(), (0, 0, 0.25))

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


def _ragged_cone(index: int, tier: int) -> Mesh:
    rng = np.random.default_rng(200 + index)
    radius = (1.9 - 0.38 * tier) * rng.uniform(0.85, 1.1)
    plain = cone(radius, 2.9, 14)
    vertices = plain.vertices + rng.normal(0, 0.1, plain.vertices.shape)
    uv = np.stack([np.arctan2(vertices[:, 1], vertices[:, 0]) * 2, np.hypot(vertices[:, 0], vertices[:, 1])], 1)
    return Mesh(vertices, plain.faces, uv)
