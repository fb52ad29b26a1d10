"""Triangles of a compiled MuJoCo model for Embree's rays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import mujoco as mj
import numpy as np
import trimesh
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh
from numpy.typing import NDArray

_SHAPES = {
    mj.mjtGeom.mjGEOM_BOX: "box", mj.mjtGeom.mjGEOM_SPHERE: "ball", mj.mjtGeom.mjGEOM_ELLIPSOID: "ball",
    mj.mjtGeom.mjGEOM_CYLINDER: "cylinder", mj.mjtGeom.mjGEOM_CAPSULE: "cylinder",
}  # fmt: skip


@lru_cache(maxsize=None)
def _unit(shape: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if shape == "box":
        mesh = trimesh.creation.box((2, 2, 2))
    elif shape == "ball":
        mesh = trimesh.creation.icosphere(2)
    else:
        mesh = trimesh.creation.cylinder(1.0, 2.0, sections=12)
    return np.asarray(mesh.vertices, float), np.asarray(mesh.faces, int)


def _local(model: mj.MjModel, geom: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and faces of a geom in its own frame."""
    kind, size = mj.mjtGeom(int(model.geom_type[geom])), model.geom_size[geom]
    if kind == mj.mjtGeom.mjGEOM_MESH:
        k = model.geom_dataid[geom]
        v, n = model.mesh_vertadr[k], model.mesh_vertnum[k]
        f, m = model.mesh_faceadr[k], model.mesh_facenum[k]
        return model.mesh_vert[v : v + n].astype(float), model.mesh_face[f : f + m].astype(int)
    vertices, faces = _unit(_SHAPES[kind])
    if kind == mj.mjtGeom.mjGEOM_CYLINDER:
        return vertices * [size[0], size[0], size[1]], faces
    if kind == mj.mjtGeom.mjGEOM_CAPSULE:
        return vertices * [size[0], size[0], size[1] + 0.6 * size[0]], faces
    return vertices * (size[0] if kind == mj.mjtGeom.mjGEOM_SPHERE else size), faces


class Soup:
    """Triangles of some geoms of a model, as an Embree scene that follows the bodies."""

    def __init__(self, model: mj.MjModel, geoms: Sequence[int]) -> None:
        parts = [_local(model, g) for g in geoms]
        starts = np.cumsum([0] + [len(v) for v, _ in parts])
        self._vertices = np.concatenate([v for v, _ in parts])
        self._faces = np.concatenate([f + s for (_, f), s in zip(parts, starts, strict=False)]).astype(np.int32)
        self._geom_of_vertex = np.repeat(geoms, [len(v) for v, _ in parts])
        self._geom_of_face = np.repeat(geoms, [len(f) for _, f in parts])
        self._scene = rtcore_scene.EmbreeScene()

    def place(self, data: mj.MjData) -> None:
        """Moves the triangles to where the bodies are now."""
        R = data.geom_xmat.reshape(-1, 3, 3)[self._geom_of_vertex]
        world = np.einsum("nij,nj->ni", R, self._vertices) + data.geom_xpos[self._geom_of_vertex]
        self._scene = rtcore_scene.EmbreeScene()
        TriangleMesh(self._scene, world.astype(np.float32), self._faces)

    def cast(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """Distance [N] (inf when nothing is hit), geom [N] and face normal [N,3] of rays."""
        hit = self._scene.run(origins, directions, output=1)
        found = hit["primID"] >= 0
        distance = np.where(found, hit["tfar"], np.inf).astype(np.float32)
        return distance, self._geom_of_face[np.where(found, hit["primID"], 0)], hit["Ng"]
