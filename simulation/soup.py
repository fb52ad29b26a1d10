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

from fm_ood_ros.errors import InputError

_BALLS = (mj.mjtGeom.mjGEOM_SPHERE.value, mj.mjtGeom.mjGEOM_ELLIPSOID.value, mj.mjtGeom.mjGEOM_CAPSULE.value)
SLICES, STACKS = 12, 6  # as the renderer tessellates round shapes




@lru_cache(maxsize=None)
def _unit(shape: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if shape == "box":
        mesh = trimesh.creation.box((2, 2, 2))
    elif shape == "ball":
        mesh = trimesh.creation.uv_sphere(radius=1.0, count=(STACKS + 1, SLICES))
    else:
        mesh = trimesh.creation.cylinder(1.0, 2.0, sections=SLICES)
    return np.asarray(mesh.vertices, float), np.asarray(mesh.faces, int)


def _local(model: mj.MjModel, geom: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and faces of a geom in its own frame."""
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    if kind == mj.mjtGeom.mjGEOM_MESH.value:
        k = model.geom_dataid[geom]
        v, n = model.mesh_vertadr[k], model.mesh_vertnum[k]
        f, m = model.mesh_faceadr[k], model.mesh_facenum[k]
        return model.mesh_vert[v : v + n].astype(float), model.mesh_face[f : f + m].astype(int)
    if kind == mj.mjtGeom.mjGEOM_BOX.value:
        vertices, faces = _unit("box")
        return vertices * size, faces
    if kind == mj.mjtGeom.mjGEOM_CYLINDER.value:
        vertices, faces = _unit("cylinder")
        return vertices * [size[0], size[0], size[1]], faces
    if kind not in _BALLS:
        raise InputError(f"geom {geom} is of MuJoCo's type {kind}, expected box, ball, cylinder, rod or mesh; use those")
    vertices, faces = _unit("ball")
    if kind == mj.mjtGeom.mjGEOM_CAPSULE.value:  # a ball drawn out along its axis
        return vertices * size[0] + np.sign(vertices.round(6)) * [0, 0, size[1]], faces
    return vertices * (size[0] if kind == mj.mjtGeom.mjGEOM_SPHERE.value else size), faces


class Soup:
    """Triangles of some geoms of a model, as an Embree scene that follows the bodies."""

    def __init__(self, model: mj.MjModel, geoms: Sequence[int]) -> None:
        self._parts = {int(g): _local(model, g) for g in geoms}
        self._geom_of_face = np.zeros(1, np.int64)
        self._scene = rtcore_scene.EmbreeScene()
        self._empty = True

    def place(self, data: mj.MjData, near: NDArray[np.bool_]) -> None:
        """Takes the triangles of the geoms marked in `near` [G] to where their bodies are now."""
        geoms = [g for g in self._parts if near[g]]
        self._empty = not geoms
        if self._empty:
            return
        rotation = data.geom_xmat.reshape(-1, 3, 3)
        vertices = [self._parts[g][0] @ rotation[g].T + data.geom_xpos[g] for g in geoms]
        starts = np.cumsum([0] + [len(v) for v in vertices[:-1]])
        faces = [self._parts[g][1] + start for g, start in zip(geoms, starts, strict=True)]
        self._geom_of_face = np.repeat(geoms, [len(f) for f in faces])
        self._scene = rtcore_scene.EmbreeScene()
        TriangleMesh(self._scene, np.concatenate(vertices).astype(np.float32), np.concatenate(faces).astype(np.int32))

    def cast(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """Distance [N] (inf when nothing is hit), geom [N] and face normal [N,3] of rays."""
        if self._empty:
            n = len(origins)
            return np.full(n, np.inf, np.float32), np.zeros(n, np.int64), np.zeros((n, 3), np.float32)
        hit = self._scene.run(origins, directions, output=1)
        found = hit["primID"] >= 0
        distance = np.where(found, hit["tfar"], np.inf).astype(np.float32)
        return distance, self._geom_of_face[np.where(found, hit["primID"], 0)], hit["Ng"]
