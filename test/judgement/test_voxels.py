"""Cells and their neighbours against plain loops, and what is connected against scipy's own answer."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fm_ood_ros.judgement.clusters import above_ground
from fm_ood_ros.judgement.voxels import HIGHEST, LOWEST, Voxels, connected, lattice, polar, shared


def some_cells(points=300, seed=0, span=6.0):
    """Coordinates [3,P] in cells, some of them negative, several to a cell."""
    return np.random.default_rng(seed).uniform(-span, span, (3, points)).astype(np.float32)


def cells_at(xyz, *settings):
    """Coordinates [3,M] in cells of points [M,3]."""
    return lattice(polar(xyz), *settings)


def members(cells, shift=0.0):
    """Points of each cell, by its place."""
    found = {}
    for point, place in enumerate(np.floor(cells + np.float32(shift)).astype(int).T.tolist()):
        found.setdefault(tuple(place), []).append(point)
    return found


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_points_of_one_cell_and_no_others_are_gathered(shift):
    cells = some_cells()
    voxels, expected = Voxels.gather(cells, shift), members(cells, shift)
    assert len(voxels.keys) == len(expected) < cells.shape[1]
    for inside in expected.values():
        (number,) = set(voxels.of[inside].tolist())
        assert voxels.count[number] == len(inside) == np.count_nonzero(voxels.of == number)


def test_means_are_those_of_a_plain_loop():
    cells = some_cells()
    voxels, values = Voxels.gather(cells), np.random.default_rng(1).normal(0, 5, (4, 300)).astype(np.float32)
    expected = np.zeros((4, len(voxels.keys)))
    for inside in members(cells).values():
        expected[:, voxels.of[inside[0]]] = values[:, inside].astype(np.float64).mean(1)
    found = voxels.mean(values)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(voxels.mean(values[2]), found[2])


def touching(cells):
    """Pairs of places of cells that touch, each in both orders."""
    places = list(members(cells))
    apart = np.abs(np.array(places)[:, None] - np.array(places)[None]).max(2)
    return {(places[i], places[j]) for i, j in np.argwhere(apart == 1)}


@pytest.mark.parametrize(("points", "span"), [(1, 1.0), (60, 6.0), (300, 4.0), (400, 2.0)])
def test_neighbours_are_those_of_brute_force_each_once(points, span):
    """Cells at the edge of a dense block too: its end of a row is no neighbour of the next row's beginning."""
    cells = some_cells(points, points, span)
    voxels = Voxels.gather(cells)
    place = {int(voxels.of[inside[0]]): where for where, inside in members(cells).items()}
    first, second = voxels.neighbours()
    found = [(place[i], place[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    assert len({frozenset(pair) for pair in found}) == len(found)
    assert {*found, *((b, a) for a, b in found)} == touching(cells)


def test_the_two_ends_of_a_row_are_no_neighbours():
    ends = np.array([[0, 0, 0], [0, 0, 3], [0, 1, 0], [1, 0, 0], [0, 3, 0], [1, 3, 3], [5, 0, 0]], np.float32).T + 0.5
    first, second = Voxels.gather(ends).neighbours()
    pairs = {frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    numbers = Voxels.gather(ends).of.tolist()
    assert pairs == {frozenset(numbers[i] for i in pair) for pair in ((0, 2), (0, 3), (2, 3))}


@pytest.mark.parametrize(("count", "pairs"), [(1, 0), (5, 0), (50, 20), (200, 150), (400, 1000)])
def test_connected_is_what_scipy_finds(count, pairs):
    first, second = np.random.default_rng(count).integers(0, count, (2, pairs))
    graph = coo_array((np.ones(pairs), (first, second)), (count, count))
    _, label = connected_components(graph, directed=False)
    smallest = np.full(label.max() + 1, count)
    np.minimum.at(smallest, label, np.arange(count))
    np.testing.assert_array_equal(connected(count, first, second), smallest[label])


def test_a_chain_in_the_worst_order_is_one():
    order = np.random.default_rng(0).permutation(2000)
    assert (connected(2000, order[:-1], order[1:]) == 0).all()


def test_cells_are_as_wide_as_asked_and_grow_with_the_range():
    near, far = (cells_at(np.float32([[r, 0, 0], [r + 0.01, 0, 0]]), 0.3, 0.02, 0.03) for r in (5.0, 60.0))
    assert np.diff(near[0])[0] == pytest.approx(0.01 / 0.3, rel=1e-2)
    assert np.diff(far[0])[0] == pytest.approx(0.01 / (0.02 * 60), rel=1e-2)
    beside = cells_at(np.float32([[60, 0, 0], [60, 1.2, 0]]), 0.3, 0.02, 0.03)
    assert np.diff(beside[1])[0] == pytest.approx(1, rel=1e-2)
    above = cells_at(np.float32([[60, 0, 0], [60, 0, 1.8]]), 0.3, 0.02, 0.03)
    assert np.diff(above[2])[0] == pytest.approx(1, rel=1e-2)


def test_the_way_outwards_has_no_step_and_never_turns():
    r = np.linspace(0, 120, 60_001, dtype=np.float32)
    outwards = cells_at(np.stack([r, 0 * r, 0 * r], 1), 0.3, 0.02, 0.02)[0].astype(np.float64)
    step = np.diff(outwards)
    assert (step > 0).all()
    assert step.max() == pytest.approx(0.002 / 0.3, rel=0.05)


def test_what_is_far_up_or_down_lies_in_the_last_cell():
    heights = np.float32([LOWEST, -1e30, HIGHEST, 1e30])
    cells = cells_at(np.stack([np.full(4, 5.0), np.zeros(4), heights], 1).astype(np.float32), 0.3, 0.02, 0.02)
    assert cells[2, 0] == cells[2, 1] and cells[2, 2] == cells[2, 3]
    assert len(Voxels.gather(cells).table) < 10_000


def test_no_point_has_no_neighbours_to_share_with():
    none = np.zeros((3, 0), np.float32)
    assert shared(np.zeros((14, 0), np.float32), none, 2).shape == (14, 0)
    assert cells_at(none.T, 0.3, 0.02, 0.02).shape == (3, 0)
    assert above_ground(none.T).shape == (0,)


def test_without_a_lattice_everybody_keeps_what_he_was_told():
    values = np.random.default_rng(0).normal(size=(2, 300)).astype(np.float32)
    np.testing.assert_array_equal(shared(values, some_cells(), 0), values)


def test_tilings_are_averaged():
    """Two points of one cell that the shifted lattice parts share half of what both say."""
    cells = np.float32([[0.4, 0.6], [0.1, 0.1], [0.1, 0.1]])
    np.testing.assert_allclose(shared(np.float32([0, 8]), cells, 1), [4, 4])
    np.testing.assert_allclose(shared(np.float32([0, 8]), cells, 2), [2, 6])


def test_height_is_over_the_lowest_point_of_the_squares_about():
    xyz = np.random.default_rng(3).uniform((0, -9, -1), (20, 9, 3), (250, 3)).astype(np.float32)
    square = np.floor(xyz[:, :2])
    near = np.abs(square[:, None] - square[None]).max(2) <= 1
    lowest = np.where(near, xyz[None, :, 2], np.inf).min(1)
    np.testing.assert_allclose(above_ground(xyz), xyz[:, 2] - lowest, atol=1e-6)
