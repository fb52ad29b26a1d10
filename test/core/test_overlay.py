"""Overlays: dots where the points are, in the colours they deserve."""

from __future__ import annotations

import numpy as np

from fm_ood_ros.pictures.overlay import (
    DIM,
    NOT_JUDGED_COLOR,
    UNKNOWN_COLOR,
    class_colors,
    draw_anomaly,
    draw_classes,
    draw_dots,
    draw_legend,
    ramp,
)

GREY = np.full((40, 60, 3), 100, np.uint8)
COLORS = np.array([[0, 255, 0], [0, 0, 255]], np.uint8)


def changed(image: np.ndarray) -> set[tuple[int, int]]:
    rows, columns = np.nonzero((image != int(100 * DIM)).any(2))
    return set(zip(columns.tolist(), rows.tolist(), strict=True))


def test_dots_are_centred_on_their_pixels_and_the_input_stays():
    out = draw_classes(GREY, np.array([[10.4, 20.6]]), np.array([1], np.uint8), COLORS)
    assert changed(out) == {(u, v) for u in (9, 10, 11) for v in (20, 21, 22)}
    assert tuple(out[21, 10]) == (0, 0, 255)
    assert (GREY == 100).all()


def test_what_was_not_judged_or_lies_outside_is_not_drawn():
    uv = np.array([[10, 10], [np.nan, 5], [-3, 5], [60, 5], [5, 39.6]])
    out = draw_classes(GREY, uv, np.array([255, 0, 0, 0, 0], np.uint8), COLORS)
    assert changed(out) == set()
    assert changed(draw_anomaly(GREY, uv, np.array([np.nan, 1, 1, 1, 1], np.float32))) == set()


def test_dots_at_the_edge_stay_inside():
    out = draw_classes(GREY, np.array([[0, 0], [59, 39]]), np.array([0, 0], np.uint8), COLORS, np.array([3.0, 3.0]))
    assert {(0, 0), (2, 2), (59, 39), (57, 37)} <= changed(out)


def test_near_points_are_bigger_and_lie_over_far_ones():
    uv, ids = np.array([[20.0, 20.0], [20.0, 20.0]]), np.array([0, 1], np.uint8)
    for depth, top in ([5.0, 50.0], 0), ([50.0, 5.0], 1):
        out = draw_classes(GREY, uv, ids, COLORS, np.array(depth))
        np.testing.assert_array_equal(out[20, 20], COLORS[top])
        assert len(changed(out)) == 25


def test_the_strangest_point_lies_on_top():
    uv = np.array([[20.0, 20.0]] * 3)
    out = draw_anomaly(GREY, uv, np.array([0.2, 0.99, 0.5], np.float32))
    np.testing.assert_array_equal(out[20, 20], ramp(np.array([0.99], np.float32))[0])


def test_the_ramp_grows_brighter_with_the_score():
    brightness = ramp(np.linspace(0, 1, 50, dtype=np.float32)).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > -1).all()
    assert brightness[-1] > brightness[0] + 100


def test_class_colors_show_the_unknown_and_the_not_judged():
    rgb = class_colors(np.array([1, 1, 255], np.uint8), np.array([False, True, False]), COLORS)
    assert rgb.tolist() == [[0, 0, 255], list(UNKNOWN_COLOR), list(NOT_JUDGED_COLOR)]


def test_no_points_leave_the_dimmed_image():
    out = draw_dots(GREY, np.zeros((0, 2)), np.zeros((0, 3), np.uint8), np.zeros(0))
    assert changed(out) == set()
    assert out.shape == GREY.shape


def test_the_legend_names_every_class_below_the_image():
    out = draw_legend(GREY, ["road", "car"], COLORS)
    assert (out[:40] == GREY).all()
    for color in [*COLORS.tolist(), list(UNKNOWN_COLOR)]:
        assert (out[40:] == color).all(2).any()
