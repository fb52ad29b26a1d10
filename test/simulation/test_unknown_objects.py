"""Unknown objects: enough kinds, fewer in development than in test, none in training; known materials only."""

import mujoco as mj
import numpy as np
import pytest

from simulation import palette
from simulation.soup import local_triangles
from simulation.unknown import DEVELOPMENT_KINDS, KINDS, KINDS_OF_SPLIT, OTHER_OBJECT, TEST_KINDS
from simulation.world import World


def test_development_kinds_are_a_strict_subset_of_the_tests():
    assert len(KINDS) >= 12
    assert set(DEVELOPMENT_KINDS) < set(TEST_KINDS) == set(KINDS)
    assert len(set(TEST_KINDS) - set(DEVELOPMENT_KINDS)) >= 5
    assert KINDS_OF_SPLIT["train"] == KINDS_OF_SPLIT["val"] == ()


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_reaches_the_ground_and_stays_within_its_box(name):
    for seed in range(4):
        rng, world = np.random.default_rng(seed), World()
        size = KINDS[name].draw_size(rng)
        assert 0.3 <= max(size) <= 4.0
        KINDS[name].build(world, rng, world.thing(OTHER_OBJECT, (0, 0, 0), instance=1), size)
        model = world.spec.compile()
        data = mj.MjData(model)
        mj.mj_kinematics(model, data)
        parts = [
            local_triangles(model, g)[0] @ data.geom_xmat[g].reshape(3, 3).T + data.geom_xpos[g]
            for g in range(model.ngeom)
        ]
        points = np.concatenate(parts)
        assert np.all(np.ptp(points, axis=0) <= np.array(size) * 1.06 + 0.06)
        assert -0.25 < points[:, 2].min() < 0.25


def test_materials_come_from_the_known_families_only():
    rng, world = np.random.default_rng(0), World()
    for _ in range(60):
        palette.any_known(world, rng)
    reflectivity = np.array([s.reflectivity for s in world.surfaces.values()])
    assert reflectivity.max() < 0.6 and 0.15 < reflectivity.mean() < 0.35
    assert np.isclose(sum(palette.SHARES), 1) and len(palette.SHARES) == len(palette.FAMILIES)
