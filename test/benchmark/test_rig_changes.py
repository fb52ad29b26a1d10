"""What the rig benchmark does to a frame is what it says, and nothing else."""

import numpy as np
import pytest
from rig_street import frames

from benchmark.rig.changes import all_changes

CHANGES = {change.name: change for change in all_changes()}
FRAMES = [name for name, change in CHANGES.items() if change.least == 0.995]
STRAYS = {
    "stray intensity 255": 255, "stray intensity 65535": 65535, "stray range 500 m": 500,
    "stray range 100000 m": 1e5, "stray range 3e+38 m": 3e38, "stray NaN": np.nan,
}  # fmt: skip


def test_rows_1_and_2_are_all_there_with_their_bounds():
    assert len(FRAMES) == 11
    for word, count in {"turned": 4, "raised": 2, "pitched": 2, "rolled": 2, "base_link": 2}.items():
        assert sum(word in name for name in FRAMES) == count, word
    assert sum(change.least == 0.99 for change in CHANGES.values()) == 3, "row 15"
    assert {name for name, change in CHANGES.items() if change.least == 0.999} == set(STRAYS), "row 4"


@pytest.mark.parametrize("name", FRAMES)
def test_rows_1_and_2_another_frame_moves_the_points_but_not_their_pixels(name):
    (before,) = frames(1)
    after = CHANGES[name].apply(before)
    assert np.abs(after.points[:, :3] - before.points[:, :3]).max() > 0.4
    np.testing.assert_array_equal(after.points[:, 3], before.points[:, 3])
    old, new = (f.views[0].calibration.project(f.points)[0] for f in (before, after))
    np.testing.assert_allclose(new, old, atol=1e-3)


def test_a_frame_is_raised_and_turned_the_way_it_is_said():
    (before,) = frames(1)
    x, y, z = before.points[:, :3].T
    raised, turned = (CHANGES[name].apply(before).points[:, :3].T for name in ("raised 1 m", "turned 90 degrees"))
    np.testing.assert_allclose(raised, [x, y, z - 1], atol=1e-5)
    np.testing.assert_allclose(turned, [-y, x, z], atol=1e-5)


def test_row_15_intensities_are_those_of_other_sensors():
    (before,) = frames(1)
    intensity = before.points[:, 3]
    for factor in (255, 65535):
        np.testing.assert_allclose(CHANGES[f"intensity x{factor}"].apply(before).points[:, 3], factor * intensity)
    as_bytes = CHANGES["intensity uint8"].apply(before).points[:, 3]
    np.testing.assert_array_equal(as_bytes, np.round(as_bytes))
    assert 200 < as_bytes.max() <= 255
    np.testing.assert_allclose(as_bytes / 255, intensity, atol=1 / 500)


@pytest.mark.parametrize("name", STRAYS)
def test_row_4_one_point_in_view_strays_and_no_other(name):
    (before,) = frames(1)
    after, wanted = CHANGES[name].apply(before), STRAYS[name]
    (index,) = np.flatnonzero((after.points != before.points).any(1))
    uv, _ = before.views[0].calibration.project(before.points)
    assert np.abs(uv[index] - (256, 83)).max() < 6
    if "intensity" in name:
        found = after.points[index, 3]
        np.testing.assert_array_equal(after.points[:, :3], before.points[:, :3])
    else:
        found = np.linalg.norm(after.points[index, :3].astype(np.float64))
    assert found == pytest.approx(wanted, rel=1e-5, nan_ok=True)
