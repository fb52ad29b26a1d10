"""Which view judges a point that several see."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from fm_ood_ros.judgement.merge import best_views

SIZE = (11, 21)


def sight(*cells):
    """A sight whose points take the verdict of cells [row, column], None for none."""
    source = [-1 if c is None else c[0] * SIZE[1] + c[1] for c in cells]
    return SimpleNamespace(
        view=SimpleNamespace(size=SIZE), projection=SimpleNamespace(source=np.array(source, np.int32))
    )


def test_the_view_that_shows_a_point_nearer_to_its_middle_judges_it():
    one = sight((5, 10), (5, 0), (0, 10), (5, 15), None, None)
    other = sight((5, 12), (5, 11), (5, 10), (4, 11), (0, 0), None)
    assert best_views([one, other], 6).tolist() == [0, 1, 1, 1, 1, -1]
    assert best_views([other, one], 6).tolist() == [1, 0, 0, 0, 0, -1]


def test_of_equal_views_the_first_judges():
    assert best_views([sight((5, 8)), sight((5, 12))], 1).tolist() == [0]


def test_height_counts_as_width_does():
    """Half-way to an edge is half-way, of a high or of a wide grid."""
    assert best_views([sight((5, 16)), sight((7, 10))], 1).tolist() == [1]
    assert best_views([sight((5, 13)), sight((7, 10))], 1).tolist() == [0]


def test_one_view_judges_all_that_it_sees():
    assert best_views([sight((0, 0), None, (10, 20))], 3).tolist() == [0, -1, 0]


def test_a_single_view_judges_as_one_of_two_alike():
    alone = sight((5, 10), None, (0, 0), (10, 20), None)
    found = best_views([alone], 5)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, best_views([alone, alone], 5))
