"""The rig benchmark is green for a model that sees the mount, red for one that sees the LiDAR's frame."""

import json
from dataclasses import replace

import numpy as np
import pytest
from bundles import make_tiny_bundle
from rig_street import frames

from benchmark.__main__ import main
from benchmark.rig import command, simulated
from benchmark.rig.agreement import agreement, judged, miou
from benchmark.rig.changes import all_changes
from benchmark.rig.recorded import measured
from benchmark.rig.table import missed_bounds, text
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.frame import Frame
from fm_ood_ros.model.bundle import ModelBundle
from simulation.sensors.rigs import load_rig


@pytest.fixture
def tiny(tmp_path):
    """Makes a tiny bundle that sees points in a frame, and its engine."""

    def make(frame: str):
        folder = make_tiny_bundle(tmp_path / frame, (128, 512))
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["input"]["frame"] = frame
        path.write_text(json.dumps(manifest), encoding="utf-8")
        bundle = ModelBundle.load(folder)
        return bundle, open_engine(bundle)

    return make


def result_of(recorded, simulated=()):
    return {"bag": "B", "model": "M", "recorded": recorded, "scenes": 1, "simulated": list(simulated)}


def test_rows_1_2_4_and_15_hold_for_a_model_that_sees_the_mount(tiny):
    found = measured(*tiny("mount"), frames(), all_changes())
    assert missed_bounds(result_of(found)) == []
    assert found["points"] > 10_000
    assert found["miou"] > 0.85
    for row in found["changes"]:
        assert row["either"] >= found["points"]
        assert row["miou"] == pytest.approx(found["miou"], abs=0.01)
        assert 0 < row["flagged"][0] < row["judged"][0]
        assert row["flagged"][1] == pytest.approx(row["flagged"][0], abs=5)
    assert "every bound is held" in text(result_of(found))


def test_rows_1_and_2_miss_their_bounds_for_a_model_that_sees_the_lidars_frame(tiny):
    found = measured(*tiny("lidar"), frames(), all_changes())
    missed = missed_bounds(result_of(found))
    assert {"raised 1 m", "pitched 10 degrees", "rolled 10 degrees", "base_link"} <= set(missed)
    assert "intensity x255" not in missed
    printed = text(result_of(found))
    assert "MISSED: raised 1 m\n" in printed
    raised = next(row for row in found["changes"] if row["change"] == "raised 1 m")
    assert f"{raised['stay']:.3%} ({raised['same']}/{raised['either']})" in printed


def test_points_that_lose_or_gain_a_verdict_count_as_changed(tiny):
    (before,) = judged(*tiny("mount"), frames(1))
    some = np.flatnonzero(before.class_id != 255)[:50]
    fewer = before.class_id.copy()
    fewer[some] = 255
    less = replace(before, class_id=fewer)
    for pair in ((before, less), (less, before)):
        found = agreement([pair[0]], [pair[1]], 0.95)
        assert found.either == before.judged
        assert found.either - found.same == 50
    assert agreement([before], [before], 0.95).share == 1
    assert np.isnan(agreement([], [], 0.95).share)


def test_row_4_a_verdict_without_a_number_is_counted_and_misses_the_bound(tiny, monkeypatch):
    (before,) = judged(*tiny("mount"), frames(1))
    score = before.anomaly_score.copy()
    score[np.flatnonzero(before.class_id != 255)[:3]] = np.nan
    broken = replace(before, anomaly_score=score)
    assert agreement([before], [broken], 0.95).nan == 3
    answers = iter([[before], [broken]])
    monkeypatch.setattr("benchmark.rig.recorded.judged", lambda *_: next(answers))
    found = measured(*tiny("mount"), frames(1), all_changes()[:1])
    assert found["changes"][0]["stay"] == 1
    assert missed_bounds(result_of(found)) == ["turned 45 degrees"]


def test_a_recording_without_fitting_labels_is_measured_without_them(tiny):
    bundle, engine = tiny("mount")
    foreign = [replace(f, labels=np.full(len(f.points), 777, np.uint16)) for f in frames(1)]
    for some, why in ((frames(1, labelled=False), "no labels"), (foreign, "777")):
        found = measured(bundle, engine, some, all_changes()[:1])
        assert found["miou"] is None
        assert found["hidden"] is None
        assert why in found["unlabelled"]
        assert why in text(result_of(found))


def test_unjudged_points_in_view_are_missed_in_miou(tiny):
    bundle, engine = tiny("mount")
    shown = judged(bundle, engine, frames(1))
    nothing = [replace(p, class_id=np.full_like(p.class_id, 255), in_view=np.zeros_like(p.in_view)) for p in shown]
    assert miou(bundle, frames(1), shown, shown) > 0.85
    assert miou(bundle, frames(1), nothing, shown) == 0


def test_a_recording_whose_clouds_are_not_in_view_is_refused(tiny):
    away = [replace(f, points=-f.points) for f in frames(1)]
    with pytest.raises(InputError, match="check the extrinsics"):
        measured(*tiny("mount"), away, [])


def test_rigs_that_differ_lose_at_most_three_points(tiny):
    seen = {}

    def show(rig):
        """The street with labels that are the worse the higher the LiDAR stands over that of the rig as it is."""
        seen[len(seen)] = rig
        (frame,) = frames(1)
        labels = frame.labels.copy()
        higher = rig.T_base_lidar[2, 3] - seen[0].T_base_lidar[2, 3]
        labels[: round(len(labels) * max(0.0, higher) / 3)] = 2
        return [replace(frame, labels=labels)]

    rows = {row["rig"]: row for row in simulated.measured(*tiny("mount"), show)}
    assert [len(rig.beams) for rig in seen.values()] == [64] * 5 + [32]
    assert {round(r.T_base_lidar[2, 3] - seen[0].T_base_lidar[2, 3], 3) for r in seen.values()} == {0, 0.5, -0.5}
    tilts = [np.degrees(np.arccos(rig.T_base_lidar[2, 2])) for rig in seen.values()]
    assert np.round(tilts, 3).tolist() == [0, 0, 0, 3, 3, 0]
    assert [name for name, row in rows.items() if not row["held"]] == ["LiDAR 0.5 m higher"]
    higher = rows["LiDAR 0.5 m higher"]
    assert higher["lost"] == pytest.approx(rows["as it is"]["miou"] - higher["miou"])
    assert higher["lost"] > 0.03
    assert rows["every second beam"]["most"] is None, "only reported"
    recorded = measured(*tiny("mount"), frames(1), [])
    assert missed_bounds(result_of(recorded, rows.values())) == ["LiDAR 0.5 m higher"]
    assert "<= 3 points lost: MISSED" in text(result_of(recorded, rows.values()))


def test_the_command_judges_the_shipped_recording_and_says_what_is_missed(tiny, tmp_path, capsys, monkeypatch):
    def run(frame: str) -> int:
        folder, out = tiny(frame)[0].path, tmp_path / "rig.json"
        options = ["--model", str(folder), "--clouds", "2", "--no-simulator", "--out", str(out)]
        status = main(["rig", *options])
        assert json.loads(out.read_text(encoding="utf-8"))["recorded"]["clouds"] == 2
        return status

    chosen = [change for change in all_changes() if change.name in ("raised 1 m", "intensity x255")]
    monkeypatch.setattr(command, "all_changes", lambda: chosen)
    assert run("lidar") == 1
    assert "MISSED: raised 1 m\n" in capsys.readouterr().out
    assert run("mount") == 0
    assert "every bound is held" in capsys.readouterr().out
    assert main(["rig", "--model", str(tmp_path / "mount"), "--bag", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_the_simulator_shows_labelled_streets_to_a_rig(tiny, monkeypatch):
    def looked_at(bundle, engine, show):
        return list(show(load_rig("kitti")))

    monkeypatch.setattr(simulated, "measured", looked_at)
    (frame,) = command._simulated(*tiny("mount"), scenes=1)
    assert isinstance(frame, Frame)
    assert len(np.unique(frame.labels)) > 3


def test_without_a_name_all_is_measured_and_a_missed_bound_is_the_status(monkeypatch):
    ran = []
    monkeypatch.setattr("benchmark.outliers.run", lambda options: ran.append(options.rounds) or 0)
    monkeypatch.setattr("benchmark.rig.command.run", lambda options: ran.append(options.clouds) or 1)
    monkeypatch.setattr("benchmark.frame.command.run", lambda options: ran.append(options.quick) or 0)
    assert main([]) == 1
    assert ran == [None, 12, False]
    assert main(["outliers"]) == 0
