"""The node, a recording and training's evaluation say the same of the same frames, point by point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from bundles import make_tiny_bundle
from node_rig import Rig, running
from rig_messages import CALIBRATION, XYZI, cloud, image, picture

from fm_ood_ros.engines import open_engine
from fm_ood_ros.frame import Frame, View
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.judgement.tracks import Tracks
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.rig import RigFacts
from fm_ood_ros.segmenter import Segmenter
from training.evaluate.evaluation import Evaluation
from training.evaluate.subject import Subject

FACTS = RigFacts(ground=tilted_plane(1.6, 0, 0), rows=(0, 32), intensity=1.0)  # what the node is given
UNKNOWN = 99


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """The tiny model, its verdicts judged by every step."""
    folder = make_tiny_bundle(tmp_path_factory.mktemp("judged") / "tiny")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["judgement"] = replace(JudgementSpec("max_logit"), fewest=2).to_dict()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return ModelBundle.load(folder)


@pytest.fixture(scope="module")
def rig(bundle: ModelBundle) -> Iterator[Rig]:
    with running(model=bundle.path, intensity_scale=1.0) as made:
        yield made


def street() -> np.ndarray:
    """Road, a thing to the right, where the view is red, and points behind the camera; structured [N]."""
    x, y = (a.ravel() for a in np.meshgrid(np.arange(4, 20, 0.3), np.arange(-6, 6, 0.3)))
    road = np.stack([x, y, np.full(x.size, -1.6)], 1)
    thing = np.stack([a.ravel() for a in np.meshgrid(8.0, np.arange(-7, -5, 0.1), np.arange(-1.6, 0.4, 0.1))], 1)
    rows = np.zeros(len(road) + len(thing) + 10, XYZI)
    points = np.vstack([road, thing, np.tile([-5.0, 0, 0], (10, 1))])
    for axis, values in zip("xyz", points.T, strict=True):
        rows[axis] = values
    rows["intensity"] = np.linspace(0, 1, len(rows))
    return rows


def view() -> np.ndarray:
    """[H,W,3] uint8, strange on the right."""
    pixels = picture()
    pixels[..., 0] = np.where(np.arange(pixels.shape[1]) < 96, 40 + np.arange(pixels.shape[1]), 250)
    return pixels


def test_node_recording_and_evaluation_agree(rig: Rig, bundle: ModelBundle):
    stamp = rig.tick()
    sent = cloud(stamp, street())
    said = CloudView(rig.judge(sent, image(stamp, view()))["points"]).rows
    frame = Frame(stamp, CloudView(sent).points(), (View(decode_image(image(stamp, view())), CALIBRATION),))
    offline = Segmenter(bundle, open_engine(bundle), FACTS, tracks=Tracks())(frame)
    for name in ("class_id", "unknown"):
        np.testing.assert_array_equal(said[name], getattr(offline, name), name)
    for name in ("probability", "anomaly_score"):
        np.testing.assert_allclose(said[name], getattr(offline, name), rtol=1e-6, err_msg=name)
    assert len(offline.objects) == 1
    np.testing.assert_array_equal(said["object_id"] >= 0, offline.object_id >= 0)
    evaluation = Evaluation(Subject.of_bundle(bundle))
    labels = np.where(said["object_id"] >= 0, UNKNOWN, 1).astype(np.uint16)
    judged = evaluation.add(replace(frame, labels=labels))
    alone = Segmenter(bundle, open_engine(bundle), RigFacts(clouds=1))(frame)  # it takes every frame by itself
    assert judged is not None
    for name in ("class_id", "probability", "anomaly_score", "unknown", "object_id"):
        np.testing.assert_array_equal(getattr(judged, name), getattr(alone, name), name)
    assert judged.judged > 500
