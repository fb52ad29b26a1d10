"""Lenses against OpenCV and by hand: every model at every length, skew, wide rays, folds, rectified images."""

import cv2
import numpy as np
import pytest

from fm_ood_ros.errors import CalibrationError
from fm_ood_ros.geometry.lens import Lens

K = np.array([[500.0, 0, 320], [0, 510, 120], [0, 0, 1]])
SKEWED = np.array([[500.0, 9, 320], [0, 510, 120], [0, 0, 1]])
RATIONAL = [0.4, 0.1, 0.001, -0.002, 0.01, 0.6, 0.2, 0.02, 0.003, -0.001, -0.002, 0.004, 0.05, -0.03]
BROWN = [-0.3, 0.1, 0.001, -0.002, -0.02]
FISHEYE = [0.02, -0.01, 0.004, -0.001]
LENSES = [
    *[("plumb_bob", BROWN[:n]) for n in (0, 4, 5)],
    *[("rational_polynomial", RATIONAL[:n]) for n in (4, 5, 8, 12, 14)],
    *[("equidistant", FISHEYE[:n]) for n in (0, 4)],
]
NAMES = [f"{model}-{len(d)}" for model, d in LENSES]


def lens(model="plumb_bob", distortion=(), **changes):
    return Lens(**{"K": K, "width": 640, "height": 240, "model": model, "distortion": distortion, **changes})


def rays(n=500, widest=0.7):
    rng = np.random.default_rng(3)
    flat = rng.uniform(-widest, widest, (n, 2))
    return np.c_[flat, np.ones(n)] * rng.uniform(1, 60, (n, 1))


def opencv(model, distortion, points):
    nowhere, d = np.zeros(3), np.array(distortion, np.float64)
    if model == "equidistant":
        d = d if len(d) else np.zeros(4)
        return cv2.fisheye.projectPoints(points[:, None], nowhere, nowhere, K, d)[0][:, 0]
    return cv2.projectPoints(points[:, None], nowhere, nowhere, K, d if len(d) else None)[0][:, 0]


@pytest.mark.parametrize(("model", "distortion"), LENSES, ids=NAMES)
def test_row_11_every_model_of_every_length_projects_as_opencv_does(model, distortion):
    points = rays()
    uv = lens(model, distortion).project(points)
    seen = np.isfinite(uv).all(1)
    assert seen.mean() > 0.95
    np.testing.assert_allclose(uv[seen], opencv(model, distortion, points)[seen], atol=1e-6)


@pytest.mark.parametrize(("model", "distortion"), LENSES, ids=NAMES)
def test_row_11_padding_zeros_change_nothing(model, distortion):
    padded = lens(model, [*distortion, *[0.0] * (14 - len(distortion))])
    np.testing.assert_array_equal(padded.project(rays()), lens(model, distortion).project(rays()))


@pytest.mark.parametrize(("model", "distortion"), LENSES, ids=NAMES)
def test_skew_leans_columns_by_the_height_on_the_image_plane(model, distortion):
    plain, skewed = (lens(model, distortion, K=matrix).project(rays()) for matrix in (K, SKEWED))
    y = (plain[:, 1] - K[1, 2]) / K[1, 1]
    assert np.nanmax(np.abs(y)) > 0.3
    np.testing.assert_allclose(skewed[:, 0] - plain[:, 0], 9 * y, atol=1e-9)
    np.testing.assert_array_equal(skewed[:, 1], plain[:, 1])


@pytest.mark.parametrize(
    ("name", "distortion", "model"),
    [
        ("", BROWN, "plumb_bob"),
        ("radtan", BROWN[:4], "plumb_bob"),
        ("Brown Conrady", BROWN, "plumb_bob"),
        ("fisheye", FISHEYE, "equidistant"),
        ("Kannala Brandt4", [*FISHEYE, 0.0], "equidistant"),
        ("kannala-brandt", FISHEYE, "equidistant"),
        ("none", [], "plumb_bob"),
        ("pinhole", [0.0] * 5, "plumb_bob"),
        ("Inverse Brown Conrady", [0.0] * 5, "plumb_bob"),
        ("modified_brown_conrady", [-0.3, 0.1, 0.0, 0.0, -0.02], "plumb_bob"),
    ],
)
def test_row_11_names_whose_meaning_is_sure_are_understood(name, distortion, model):
    found = lens(name, distortion)
    assert found.model == model
    np.testing.assert_array_equal(found.project(rays()), lens(model, distortion).project(rays()))


@pytest.mark.parametrize(
    ("name", "distortion", "words"),
    [
        ("none", BROWN, r"'none' with coefficients \[-0.3"),
        ("pinhole", BROWN, "'pinhole' with coefficients"),
        ("Inverse Brown Conrady", BROWN, "rectify the image"),
        ("modified_brown_conrady", BROWN, "rectify the image"),
        ("ftheta", FISHEYE, "'ftheta', expected one of"),
        ("plumb_bob", RATIONAL[:8], "8 coefficients.*rational_polynomial"),
        ("rational_polynomial", RATIONAL[:6], "6 coefficients"),
        ("fisheye", RATIONAL[:8], "8 coefficients"),
        ("plumb_bob", [np.inf, 0, 0, 0], "not finite"),
    ],
)
def test_row_11_what_is_not_sure_is_refused_with_the_remedy(name, distortion, words):
    with pytest.raises(CalibrationError, match=words):
        lens(name, distortion)


@pytest.mark.parametrize("distortion", [[], [0.02, -0.01, 0.002, 0.0]])
def test_row_11_a_fisheye_shows_rays_beyond_90_degrees(distortion):
    angle = np.radians([0.0, 45, 89.999, 90, 90.001, 110, 120])
    azimuth = np.radians(30)
    points = 7 * np.c_[np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)]
    k = np.pad(np.array(distortion, float), (0, 4 - len(distortion)))
    bent = angle + sum(k[i] * angle ** (2 * i + 3) for i in range(4))
    uv = lens("equidistant", distortion).project(points)
    expected = K[[0, 1], [2, 2]] + np.outer(bent, [np.cos(azimuth), np.sin(azimuth)]) * K[[0, 1], [0, 1]]
    np.testing.assert_allclose(uv, expected, atol=1e-9)


def test_row_11_a_fisheye_ends_where_its_polynomial_folds_and_says_where():
    """theta (1 - theta^2 / 12) is greatest at theta = 2 rad."""
    found = lens("equidistant", [-1 / 12, 0, 0, 0])
    assert found.field == pytest.approx(np.degrees(2), abs=0.1)
    for degrees, seen in ((found.field - 0.1, True), (found.field + 0.1, False), (180, False)):
        angle = np.radians(degrees)
        uv = found.project(np.array([[np.sin(angle), 0, np.cos(angle)]]))
        assert np.isfinite(uv).all() == seen


def test_lenses_that_do_not_fold_end_where_pinholes_and_fisheyes_do():
    assert (lens().field, lens("fisheye").field, lens("plumb_bob", [0.1, 0, 0, 0]).field) == (90, 180, 89)


@pytest.mark.parametrize("model", ["plumb_bob", "equidistant"])
def test_what_is_no_ray_has_no_pixel(model):
    points = np.array([[np.nan, 1, 1], [np.inf, 1, 1], [1, 1, -np.inf], [0, 0, 0], [0, 0, 1]])
    assert np.isfinite(lens(model).project(points)).all(1).tolist() == [False] * 4 + [True]


def test_a_pinhole_sees_nothing_behind_it():
    points = np.array([[0, 0, -5.0], [1, 1, 0], [0, 0, 5]])
    for distortion in ([], BROWN):
        assert np.isfinite(lens(distortion=distortion).project(points)).all(1).tolist() == [False, False, True]


FOLDING = [
    ("plumb_bob", [-0.4, 0, 0, 0]),
    ("plumb_bob", [-0.3, 0.05, 0.02, -0.04, 0.0]),
    ("plumb_bob", [0.0, 0, 0, 0.03]),
    ("rational_polynomial", [0.0, 0, 0, 0.01, 0, 0.3, 0.2, 0.01]),
    ("rational_polynomial", [0.1, 0.0, -0.02, 0.01, 0, 0.3, 0.4, 0.2]),
    ("rational_polynomial", [0.2, 0, 0, 0, 0, -0.1, 0, 0]),  # a pole
    ("rational_polynomial", [*[0.0] * 8, 0.05, -0.04, 0.02, 0.0]),
    ("rational_polynomial", [*[0.0] * 12, 0.4, -0.6]),
    ("equidistant", [-0.2, 0, 0, 0]),
]


@pytest.mark.parametrize(("model", "distortion"), FOLDING)
def test_row_12_no_ray_from_outside_the_picture_folds_back_into_it(model, distortion):
    """Over a fine grid of directions, no two rays far apart share a pixel, and the map keeps its orientation."""
    angle = np.radians(np.arange(0.25, 89.9, 0.25))
    azimuth = np.radians(np.arange(0.0, 360, 1.5))[:, None]
    points = np.stack([np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth)], -1)
    points = np.concatenate([points, np.broadcast_to(np.cos(angle)[None, :, None], (*points.shape[:2], 1))], -1)
    found = lens(model, distortion)
    assert 10 < found.field < 89
    uv = found.project(points.reshape(-1, 3)).reshape(*points.shape[:2], 2)
    seen = np.isfinite(uv).all(-1)
    assert seen.any(1).all() and not seen[:, angle > np.radians(found.field)].any()
    out, around = np.diff(uv, axis=1)[:-1], np.diff(uv, axis=0)[:, 1:]
    area = out[..., 0] * around[..., 1] - out[..., 1] * around[..., 0]
    whole = np.isfinite(area)
    assert (area[whole] > 0).all()
    assert whole.sum() > 1000
    assert_no_pixel_twice(uv[seen], points[seen])


def assert_no_pixel_twice(uv, directions):
    """Rays that share a cell of 4 pixels within a wide picture lie within 12 degrees of each other."""
    near = (np.abs(uv - [320, 120]) < 1500).all(1)
    cells, directions = np.floor(uv[near] / 4).astype(int) @ [10_000, 1], directions[near]
    _, first, group = np.unique(cells, return_index=True, return_inverse=True)
    apart = np.einsum("ij,ij->i", directions, directions[first][group])
    assert np.degrees(np.arccos(np.clip(apart, -1, 1))).max() < 12


def test_row_12_a_rational_lens_with_p2_ends_although_its_radial_part_does_not():
    radial, whole = ([0.5, 0.02, 0, p2, 0.001, 0.85, 0.1, 0.0005] for p2 in (0.0, 0.05))
    assert lens("rational_polynomial", radial).field == 89
    assert 20 < lens("rational_polynomial", whole).field < 88


@pytest.mark.parametrize(("model", "distortion"), LENSES, ids=NAMES)
def test_a_mirrored_lens_sees_the_mirrored_world(model, distortion):
    turned = cv2.Rodrigues(np.array([0.02, -0.05, 0.03]))[0]
    original = lens(model, distortion, K=SKEWED, R=turned)
    uv, flipped = original.project(rays()), original.mirrored().project(rays() * [-1, 1, 1])
    np.testing.assert_allclose(flipped[:, 0], 639 - uv[:, 0], atol=1e-6)
    np.testing.assert_allclose(flipped[:, 1], uv[:, 1], atol=1e-6)


def test_row_9_rectified_pixels_are_those_of_the_turned_ray():
    turned = cv2.Rodrigues(np.array([0.02, -0.05, 0.03]))[0]
    expected = rays() @ turned.T @ K.T
    expected = expected[:, :2] / expected[:, 2:]
    np.testing.assert_allclose(lens(R=turned).project(rays()), expected, atol=1e-9)
    assert np.abs(expected - lens().project(rays())).max() > 10


def test_row_9_what_is_no_rotation_is_refused():
    with pytest.raises(CalibrationError, match="expected the rotation"):
        lens(R=np.diag([1.0, 1, -1]))
