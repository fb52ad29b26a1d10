"""Triangles of a compiled MuJoCo model for Embree's rays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import mujoco as mj
import numpy as np
import trimesh
from embreex import rtcore, rtcore_scene
from embreex.mesh_construction import TriangleMesh
from numpy.typing import NDArray

from fm_ood_ros.errors import InputError

SLICES = 12  # as the renderer tessellates round shapes
THIN = 0.12  # metres of radius below which a coarser shape is close enough
BALL, COARSE_BALL = (30.0, 60.0, 90.0, 120.0, 150.0), (45.0, 90.0, 135.0)
CAPSULE, COARSE_CAPSULE = (45.0, 90.0, 90.0, 135.0), (90.0, 90.0)


@cache
def _turned(polar: tuple[float, ...], slices: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A unit ball of rings at polar angles; a ring given twice may be drawn out along z."""
    azimuth = 2 * np.pi * np.arange(slices) / slices
    angle = np.deg2rad(polar)[:, None]
    rings = np.stack(
        np.broadcast_arrays(np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)), -1
    )
    vertices = np.concatenate([rings.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]])
    count, j = len(polar), np.arange(slices)
    k = (j + 1) % slices
    faces = [np.stack([np.full(slices, count * slices), j, k], 1)]
    for i in range(count - 1):
        a, b = i * slices, (i + 1) * slices
        faces += [np.stack([a + j, b + j, b + k], 1), np.stack([a + j, b + k, a + k], 1)]
    last = (count - 1) * slices
    faces.append(np.stack([np.full(slices, count * slices + 1), last + k, last + j], 1))
    return vertices, np.concatenate(faces)


@cache
def _unit(shape: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    made = trimesh.creation.box((2, 2, 2)) if shape == "box" else trimesh.creation.cylinder(1.0, 2.0, sections=SLICES)
    return np.asarray(made.vertices, float), np.asarray(made.faces, int)


def _capsule(radius: float, half: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    thin = radius < THIN
    vertices, faces = _turned(COARSE_CAPSULE if thin else CAPSULE, 6 if thin else SLICES)
    rings = len(vertices) - 2
    up = np.concatenate([np.arange(rings) < rings // 2, [True, False]])
    return vertices * radius + np.where(up, half, -half)[:, None] * [0, 0, 1], faces


def local_triangles(model: mj.MjModel, geom: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
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
    if kind == mj.mjtGeom.mjGEOM_CAPSULE.value:
        return _capsule(size[0], size[1])
    if kind != mj.mjtGeom.mjGEOM_ELLIPSOID.value:
        raise InputError(
            f"geom {geom} is of MuJoCo's type {kind}, expected box, ball, cylinder, rod or mesh; use those"
        )
    thin = size.max() < THIN
    vertices, faces = _turned(COARSE_BALL if thin else BALL, 8 if thin else SLICES)
    return vertices * size, faces


@cache
def _device() -> rtcore.EmbreeDevice:
    """One per process: starting another for every soup takes longer than a small soup's tree."""
    return rtcore.EmbreeDevice()


class Soup:
    """Triangles of some geoms of a model, as an Embree scene that follows the bodies."""

    def __init__(self, model: mj.MjModel, geoms: Sequence[int]) -> None:
        parts = [local_triangles(model, g) for g in geoms] or [(np.zeros((0, 3)), np.zeros((0, 3), np.int64))]
        counts = np.array([len(v) for v, _ in parts])
        starts = np.cumsum(counts) - counts
        self._vertices = np.concatenate([v for v, _ in parts])
        self._faces = np.concatenate([f + start for (_, f), start in zip(parts, starts, strict=True)])
        owners = np.array(geoms, np.int64) if len(geoms) else np.zeros(1, np.int64)
        self._vertex_geom = np.repeat(owners, counts)
        self._face_geom = np.repeat(owners, [len(f) for _, f in parts])
        self._geom_of_face = np.zeros(1, np.int64)
        self._scene = rtcore_scene.EmbreeScene(_device())
        self._empty = True

    def place(self, data: mj.MjData, near: NDArray[np.bool_]) -> None:
        """Takes the triangles of the geoms marked in `near` [G] to where their bodies are now."""
        vertex, face = near[self._vertex_geom], near[self._face_geom]
        self._empty = not face.any()
        if self._empty:
            return
        geom = self._vertex_geom[vertex]
        rotation = data.geom_xmat.reshape(-1, 3, 3)[geom]
        vertices = np.einsum("nij,nj->ni", rotation, self._vertices[vertex]) + data.geom_xpos[geom]
        faces = (np.cumsum(vertex) - 1)[self._faces[face]]
        self._geom_of_face = self._face_geom[face]
        self._scene = rtcore_scene.EmbreeScene(_device())
        TriangleMesh(self._scene, vertices.astype(np.float32), faces.astype(np.int32))

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
