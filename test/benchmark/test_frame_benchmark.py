"""The frame benchmark measures every stage once, and says so where one is gone."""

import json
import tracemalloc

import numpy as np
import pytest
from bundles import make_tiny_bundle

from benchmark.__main__ import main
from benchmark.frame import command, measured, meters, publishing, stages
from benchmark.frame.measured import aims
from benchmark.frame.meters import Peaks, Times, measured_at
from benchmark.frame.street import BEAMS, CALIBRATION, LENS, LIDAR, sent
from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement import judge
from fm_ood_ros.messages.image_message import decode_image
from fm_ood_ros.messages.point_cloud import CloudView
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.segmenter import Segmenter


@pytest.fixture
def tiny(tmp_path):
    return make_tiny_bundle(tmp_path / "tiny", (64, 256))


@pytest.fixture
def one_frame(tiny):
    bundle = ModelBundle.load(tiny)
    return stages.OneFrame(bundle, open_engine(bundle), sent(2_000))


def test_the_command_prints_tables_and_writes_json_whose_shares_add_up_to_one(tiny, tmp_path, capsys):
    out = tmp_path / "frame.json"
    assert main(["frame", "--quick", "--rounds", "1", "--model", str(tiny), "--out", str(out)]) == 0
    result = json.loads(out.read_text(encoding="utf-8"))
    printed = capsys.readouterr().out
    assert [row["points"] for row in result["rows"]] == list(command.QUICK)
    for row in result["rows"]:
        every = [name for members in stages.GROUPS.values() for name in members]
        assert sorted(row["stages"]) == sorted(every)
        for parts in (row["stages"], row["groups"]):
            assert sum(part["share"] for part in parts.values()) == pytest.approx(1)
        assert all(part["wall_ms"] > 0 and part["peak_mb"] > 0 for part in row["groups"].values() if part["share"] > 0)
        assert row["stages"][stages.ENGINE]["engines"] == 1
        assert row["judged"] > 100
        assert all(f"\n  {name} " in printed for name in row["stages"] if name not in row["groups"])
    assert "judged at 120000 points only" in printed


def test_a_judgement_that_takes_too_long_misses_the_bound_and_returns_1(tiny, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measured, "AT", command.QUICK[0])
    arguments = ["frame", "--quick", "--rounds", "1", "--model", str(tiny), "--out", str(tmp_path / "frame.json")]
    monkeypatch.setattr(measured, "MOST_MS", 1e6)
    assert main(arguments) == 0
    assert "PASS    judgement" in capsys.readouterr().out
    monkeypatch.setattr(measured, "MOST_MS", 0.0)
    assert main(arguments) == 1
    assert "missed  judgement" in capsys.readouterr().out


def test_the_bound_is_about_120000_points_on_one_core():
    def row(points, ms):
        return {"points": points, "groups": {"judgement": {"cpu_ms": ms}}}

    assert [a["reached"] for a in aims([row(30_000, 1), row(120_000, 8.0), row(300_000, 99)])] == [True]
    assert [a["reached"] for a in aims([row(120_000, 8.1)])] == [False]
    assert aims([row(300_000, 1)]) == []


def test_a_stage_that_was_renamed_is_refused_by_name(one_frame):
    places = dict(one_frame._places)
    assert set(places) == {*stages.SEEING, *stages.JUDGING, stages.ENGINE, *publishing.places()}
    for stage, (owner, _) in places.items():
        one_frame._places = {**places, stage: (owner, "under_another_name")}
        with pytest.raises(InputError, match=rf"'{stage}' at .*\.under_another_name"):
            one_frame(Times())


def test_a_step_that_is_skipped_is_refused_by_name(one_frame, monkeypatch):
    def evidence(self, surface):
        none = np.full(len(surface.xyz), -1, np.int32)
        return judge.Evidence(surface, surface.logits, surface.logits, judge.above_ground(surface.xyz), none)

    monkeypatch.setattr(judge.Judgement, "evidence", evidence)
    with pytest.raises(InputError, match=r"never came to 'clusters' at fm_ood_ros\.judgement\.judge\.clusters;"):
        one_frame(Times())


def test_what_is_measured_is_what_the_segmenter_says(tiny):
    bundle = ModelBundle.load(tiny)
    moment = sent(2_000)
    found = stages.OneFrame(bundle, open_engine(bundle), moment)(Times())
    frame = stages.Frame(0, moment.xyzi, (stages.View(decode_image(moment.image), CALIBRATION),))
    wanted = Segmenter(bundle, open_engine(bundle))(frame)
    np.testing.assert_array_equal(found.class_id, wanted.class_id)
    np.testing.assert_array_equal(found.anomaly_score, wanted.anomaly_score)


def test_every_message_of_the_node_is_built(one_frame):
    outputs = pytest.importorskip("fm_ood_ros.ros.outputs")
    one_frame(Times())
    assert set(one_frame._publish.sent) == set(outputs.TOPICS)
    assert one_frame._publish.sent["points"].width == 2_000


class Clock:
    """Time that passes only when a test says so."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_stage_is_timed_without_those_inside_it(monkeypatch):
    wall, cpu = Clock(), Clock()
    monkeypatch.setattr(meters, "perf_counter", wall)
    monkeypatch.setattr(meters, "process_time", cpu)
    times = Times()

    def passes(seconds):
        wall.now += seconds
        cpu.now += seconds / 2

    for _ in range(2):
        with times.stage("outer"):
            passes(1)
            with times.stage("middle"):
                passes(2)
                with times.stage("inner"):
                    passes(4)
            with times.stage("inner"):
                passes(8)
    assert times.wall == {"inner": 24, "middle": 4, "outer": 2}
    assert times.cpu == {"inner": 12, "middle": 2, "outer": 1}


def test_a_peak_is_what_a_stage_holds_beyond_what_was_there():
    peaks = Peaks()
    tracemalloc.start()
    try:
        before = np.ones(5_000_000, np.uint8)
        with peaks.stage("outer"):
            kept = np.ones(1_000_000, np.uint8)
            np.ones(2_000_000, np.uint8)
            with peaks.stage("inner"):
                np.ones(3_000_000, np.uint8)
            with peaks.stage("less"):
                pass
        with peaks.stage("after"):
            np.ones(500_000, np.uint8)
    finally:
        tracemalloc.stop()
    assert before.size + kept.size
    wanted = {"outer": 4e6, "inner": 3e6, "less": 0, "after": 5e5}
    assert peaks.peak == pytest.approx(wanted, abs=2e4)


def test_places_are_as_before_when_the_block_ends_even_badly():
    class Parent:
        def a(self):
            return 1

    class Child(Parent):
        pass

    child = Child()
    places = {"of an instance": (child, "a"), "of a class": (Parent, "a")}
    parents = Parent.a
    times = Times()
    with measured_at(places, times):
        assert child.a() == Parent().a() == 1
    assert times.met == set(places)
    with pytest.raises(ZeroDivisionError), measured_at(places, Times()):
        raise ZeroDivisionError
    assert Parent.a is parents
    assert not vars(child)


@pytest.mark.parametrize("points", [10_000, 120_000])
def test_a_cloud_is_a_street_of_which_a_sixth_is_in_view(points):
    moment = sent(points)
    found = CloudView(moment.cloud).points()
    np.testing.assert_array_equal(found, moment.xyzi)
    assert found.shape == (points, 4)
    uv, depth = CALIBRATION.project(found)
    inside = (depth > 0) & (uv >= 0).all(1) & (uv < (LENS.width, LENS.height)).all(1)
    assert inside.mean() == pytest.approx(1 / 6, abs=0.02)
    above = found[inside, 2] + LIDAR > 0.3
    assert 0.3 < above.mean() < 0.7
    assert len(np.unique(CloudView(moment.cloud).rows["ring"])) == BEAMS[points]
    assert decode_image(moment.image).shape == (LENS.height, LENS.width, 3)
