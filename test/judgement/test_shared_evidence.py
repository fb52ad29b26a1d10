"""Means over neighbours against plain loops over cells."""

import numpy as np
import pytest

from fm_ood_ros.judgement.voxels import Voxels, lattice, polar, shared


def street(points=400, seed=0):
    rng = np.random.default_rng(seed)
    return np.float32(rng.uniform((1, -20, 0), (60, 20, 3), (points, 3)))


def plainly_shared(values, cells, tilings):
    """[C,M] in double precision."""
    out = np.zeros(values.shape)
    for tiling in range(tilings):
        index = np.floor(cells + np.float32(tiling / tilings)).astype(int).T.tolist()
        members = {}
        for point, cell in enumerate(index):
            members.setdefault(tuple(cell), []).append(point)
        for inside in members.values():
            out[:, inside] += values[:, inside].astype(np.float64).mean(1, keepdims=True) / tilings
    return out


@pytest.mark.parametrize("tilings", [1, 2, 3])
def test_what_is_shared_are_means_over_the_cells_of_every_tiling(tilings):
    xyz = street()
    values = np.random.default_rng(1).normal(0, 9, (5, len(xyz))).astype(np.float32)
    cells = lattice(polar(xyz), 1.0, 0.1, 0.1)
    found = shared(values, cells, tilings)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plainly_shared(values, cells, tilings), atol=2e-6)
    assert np.ptp(found - values) > 1, "or every cell has one point and nothing is shared"


def test_a_single_row_is_shared_as_one_of_many():
    xyz = street()
    values = np.random.default_rng(2).normal(0, 9, (3, len(xyz))).astype(np.float32)
    cells = lattice(polar(xyz), 1.0, 0.1, 0.1)
    rows = [shared(row, cells, 2) for row in values]
    np.testing.assert_array_equal(rows, shared(values, cells, 2))
    assert Voxels.gather(cells).mean(values[0]).shape == Voxels.gather(cells).count.shape


def test_the_lattice_is_as_its_formula_in_double_precision():
    xyz = street()
    x, y, z = xyz.astype(np.float64).T
    r = np.hypot(x, y)
    width = np.maximum(0.3, 0.02 * r)
    outwards = np.where(r < 15, r / 0.3, (1 + np.log(np.maximum(r, 15) / 15)) / 0.02)
    wanted = outwards, np.arctan2(y, x) * r / width, z / np.maximum(0.3, 0.03 * r)
    np.testing.assert_allclose(lattice(polar(xyz), 0.3, 0.02, 0.03), wanted, rtol=1e-5, atol=1e-5)
