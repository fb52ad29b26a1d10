"""Half-size logits read at the points against the same logits enlarged as the network does it."""

import numpy as np
import pytest
import torch

from fm_ood_ros.judgement.at_points import logits_at
from training.models.layers import enlarge

SIZE = (32, 128)


def half(size=(16, 64), seed=0):
    return np.random.default_rng(seed).normal(0, 3, (14, *size)).astype(np.float32)


@pytest.mark.parametrize("coarse", [(16, 64), (32, 128), (8, 64), (1, 1), (11, 50)], ids=str)
def test_reading_at_cells_is_enlarging_and_gathering(coarse):
    logits = half(coarse)
    whole = enlarge(torch.from_numpy(logits)[None], SIZE)[0].reshape(14, -1).numpy()
    cells = np.random.default_rng(1).permutation(SIZE[0] * SIZE[1]).astype(np.int32)
    before = logits.copy()
    found = logits_at(logits, cells, SIZE)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, whole[:, cells], atol=2e-5 if coarse == (11, 50) else 5e-6)
    np.testing.assert_array_equal(logits, before, "the map is read only")


def test_cells_may_repeat_and_be_none():
    logits = half()
    one = logits_at(logits, np.array([77]), SIZE)
    np.testing.assert_array_equal(logits_at(logits, np.array([77, 3, 77]), SIZE)[:, [0, 2]], np.hstack([one, one]))
    assert logits_at(logits, np.array([], np.int32), SIZE).shape == (14, 0)
