"""The node and the replay with a site file: its scale is used and said, and another model's is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calibrated_recordings import info, write_recording
from node_rig import running
from rig_messages import picture, rays

from fm_ood_ros.errors import FmOodError
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.model.site import Recording, Site
from fm_ood_ros.replay.report import table
from fm_ood_ros.ros.replay import __main__ as replay


@pytest.fixture
def site(tiny_bundle: Path, tmp_path: Path) -> Path:
    """On this rig raw scores are twice as large."""
    bundle = ModelBundle.load(tiny_bundle)
    ranges = [replace(part, values=2 * part.values) for part in bundle.score.ranges]
    made = Site(bundle.name, bundle.digest, [Recording("drive", 9, 20)], ScoreScale(ranges), 0.8, (1.2, 0.0, 0.0))
    made.save(tmp_path / "site.yaml")
    return tmp_path / "site.yaml"


def test_the_node_scores_by_its_site(tiny_bundle: Path, site: Path):
    with running(model=tiny_bundle, site=site) as rig:
        rows = CloudView(rig.judge()["points"]).rows
        u, v = rays()
        red = picture()[v, u, 0] / 255
        np.testing.assert_allclose(rows["anomaly_score"][: len(u)], np.clip(red / 2, 0.001, 0.999), atol=0.002)
        rig.settle()
        assert rig.values["site"] == "measured on 9 of 20 clouds of drive"
        assert rig.values["rig.intensity"] == "intensity / 0.8 (given)"
        assert rig.values["rig.mount.0"].startswith("camera 1.60 m above")  # the parameter wins
    with running(model=tiny_bundle, site=site, mount="[]") as rig:
        rig.judge()
        rig.settle()
        assert rig.values["rig.mount.0"].startswith("camera 1.20 m above")


def test_the_node_refuses_a_site_of_another_model(tiny_bundle: Path, site: Path):
    digest = ModelBundle.load(tiny_bundle).digest
    site.write_text(site.read_text().replace(digest, "f" * 64))
    with running(model=tiny_bundle, site=site, connect=False) as rig:
        rig.until(lambda: "judging" in rig.status, "diagnostics")
        assert "not configured: " in rig.status["judging"].message
        assert "was measured with tiny (ffffffffffff), but the model is tiny" in rig.status["judging"].message


def test_the_node_says_that_it_has_no_site(tiny_bundle: Path):
    with running(model=tiny_bundle, connect=False) as rig:
        rig.until(lambda: "site" in rig.values, "diagnostics")
        assert rig.values["site"] == "none: the model's own scale"


def test_replay_hands_the_site_to_the_node_and_refuses_a_wrong_one(
    tiny_bundle: Path, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    given: list[Any] = []

    def play(*arguments: Any) -> dict[str, Any]:
        given.extend(arguments)
        raise FmOodError("not played here")

    monkeypatch.setattr(replay, "_play", play)
    bag = write_recording(tmp_path / "bag", [info()])
    options = ["--bag", str(bag), "--model", str(tiny_bundle), "--site", str(site), "--out"]
    assert replay.main([*options, str(tmp_path / "out")]) == 2
    assert given[-1]["site"] == str(site)
    assert "not played here" in capsys.readouterr().err
    site.write_text("format: none\n")
    assert replay.main([*options, str(tmp_path / "other")]) == 2
    assert "site.yaml is wrong: 'format' is 'none'" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_the_replays_table_says_which_site_was_used():
    clouds = dict.fromkeys(("clouds_sent", "clouds_judged", "clouds_unexplained", "clouds_with_rows_lost"), 0)
    results = {
        "model": {"name": "tiny", "sha256": "0" * 64}, "bag": "drive", "clouds": clouds | {"clouds_dropped": {}},
        "points": {"in": 1, "out": 1, "judged": 1}, "stages_ms": {}, "latency_ms": {}, "truth": None,
        "site": "site.yaml, measured on 9 of 20 clouds of drive",
    }  # fmt: skip
    assert "\nsite       site.yaml, measured on 9 of 20 clouds of drive\n" in table(results)
    assert "site" not in table(results | {"site": None})
