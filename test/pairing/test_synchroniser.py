"""The synchroniser: which image a cloud gets, and where every cloud goes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fm_ood_ros.errors import InputError
from fm_ood_ros.pairing.synchroniser import Pair, Synchroniser, SyncSettings

MS = 1_000_000


def sync(**changes: float) -> Synchroniser[str, str]:
    values = {"tolerance": 20 * MS, "max_wait": 0.1, "queue_size": 4, "max_jump": 1000 * MS, **changes}
    return Synchroniser(SyncSettings(**values))  # type: ignore[arg-type]


def names(pairs: list[Pair[str, str]]) -> list[tuple[str, str]]:
    return [(p.cloud, p.image) for p in pairs]


def test_a_cloud_takes_the_nearest_image_on_either_side():
    s = sync()
    s.add_image(90 * MS, "before", 0)
    assert s.add_cloud(100 * MS, "c", 0) == []  # a better one may come
    assert names(s.add_image(104 * MS, "after", 0.01)) == [("c", "after")]
    s.add_image(197 * MS, "near", 0.1)
    s.add_image(215 * MS, "far", 0.11)
    assert names(s.add_cloud(200 * MS, "d", 0.12)) == [("d", "near")]


def test_the_error_is_measured_against_the_expected_offset():
    s = sync(image_offset=30 * MS)
    s.add_image(100 * MS, "wrong", 0)
    (pair,) = s.add_image(131 * MS, "right", 0) or s.add_cloud(100 * MS, "c", 0)
    assert (pair.image, pair.error, pair.stamp) == ("right", 1 * MS, 100 * MS)


def test_a_cloud_does_not_wait_for_an_image_that_would_be_farther():
    s = sync()
    for i in range(4):
        s.add_image(i * 100 * MS, str(i), 0)
    assert names(s.add_cloud(310 * MS, "c", 0)) == [("c", "3")]  # the next image is due at 400


def test_a_cloud_waits_for_the_image_that_is_due_nearer():
    s = sync(tolerance=60 * MS)
    for i in range(4):
        s.add_image(i * 100 * MS, str(i), 0)
    assert s.add_cloud(355 * MS, "c", 0) == []
    assert names(s.add_image(400 * MS, "4", 0.05)) == [("c", "4")]


def test_the_next_image_is_expected_after_the_shortest_of_the_recent_gaps():
    s = sync(tolerance=60 * MS)
    for t in (0, 50, 150):
        s.add_image(t * MS, str(t), 0)
    assert s.add_cloud(180 * MS, "c", 0) == []  # due at 200, not only at 250
    assert names(s.add_image(200 * MS, "200", 0.02)) == [("c", "200")]


def test_a_cloud_that_has_nothing_yet_waits_for_an_image_off_its_beat():
    s = sync()
    for t in (100, 200, 300):
        s.add_image(t * MS, str(t), 0)
    assert s.add_cloud(340 * MS, "c", 0) == []
    assert names(s.add_image(345 * MS, "off beat", 0.01)) == [("c", "off beat")]


def test_an_image_may_leave_only_after_the_cloud_that_waits_for_it():
    s = sync(image_memory=0)
    s.add_image(90 * MS, "the one", 0)
    s.add_cloud(100 * MS, "c", 0)
    assert names(s.add_image(150 * MS, "next", 0.05)) == [("c", "the one")]


def test_the_wait_is_bounded():
    s = sync()
    s.add_image(90 * MS, "i", 0)
    s.add_cloud(100 * MS, "c", 1.0)
    assert s.poll(1.099) == []
    assert names(s.poll(1.1)) == [("c", "i")]


@pytest.mark.parametrize("gap", [21, -21])
def test_beyond_the_tolerance_nothing_is_paired(gap: int):
    s = sync()
    s.add_image((100 + gap) * MS, "i", 0)
    s.add_cloud(100 * MS, "c", 0)
    assert s.poll(1.0) == []
    assert s.cloud_drops == {"no_image_in_tolerance": 1}


def test_one_image_serves_two_clouds_and_counts_as_used():
    s = sync()
    s.add_image(100 * MS, "i", 0)
    assert names(s.add_cloud(99 * MS, "a", 0) + s.add_cloud(100 * MS, "b", 0)) == [("a", "i"), ("b", "i")]
    s.add_image(200 * MS, "unused", 0)
    s.add_image(1050 * MS, "one", 0)
    assert s.image_drops == {}
    s.add_image(1201 * MS, "next", 0)  # a second after the unused one
    assert s.image_drops == {"image_unused": 1}


def test_duplicates_and_late_clouds_are_counted():
    s = sync()
    s.add_image(100 * MS, "i", 0)
    s.add_image(100 * MS, "again", 0)
    assert len(s.add_cloud(100 * MS, "c", 0)) == 1
    assert s.add_cloud(100 * MS, "again", 0) == []
    assert s.add_cloud(95 * MS, "late", 0) == []
    assert s.cloud_drops == {"duplicate_stamp": 1, "out_of_order": 1}
    assert s.image_drops == {"duplicate_stamp": 1}


def test_a_full_queue_lets_the_oldest_go():
    s = sync()
    for i in range(6):
        s.add_cloud((100 + i) * MS, str(i), 0)
    assert s.cloud_drops == {"cloud_queue_full": 2}
    assert [c for c, _ in names(s.add_image(103 * MS, "i", 0))] == ["2", "3"]


def test_clouds_out_of_order_leave_in_order():
    s = sync()
    s.add_cloud(110 * MS, "second", 0)
    s.add_cloud(100 * MS, "first", 0)
    assert names(s.add_image(111 * MS, "i", 0)) == [("first", "i"), ("second", "i")]


def test_a_cloud_that_came_late_leaves_with_the_one_that_may_not_wait_any_longer():
    s = sync()
    s.add_image(105 * MS, "i", 0)
    s.add_cloud(120 * MS, "second", 0)
    s.add_cloud(110 * MS, "first", 0.05)
    assert names(s.poll(0.1)) == [("first", "i"), ("second", "i")]


@pytest.mark.parametrize("first", ["cloud", "image"])
@pytest.mark.parametrize("jump", [-50_000 * MS, 50_000 * MS])
def test_pairs_go_on_after_a_jump_of_the_clock(jump: int, first: str):
    s = sync()
    start = 100_000 * MS
    pairs = names(s.add_image(start, "i0", 0) + s.add_cloud(start, "c0", 0))
    s.add_cloud(start + 100 * MS, "stranded", 0)
    after = start + jump
    if first == "cloud":
        s.add_cloud(after, "c1", 0.01)
        pairs += names(s.add_image(after, "i1", 0.01))
        assert s.cloud_drops == {"time_jump": 1}
    else:
        s.add_image(after, "i1", 0.01)
        pairs += names(s.add_cloud(after, "c1", 0.01))
    assert pairs == [("c0", "i0"), ("c1", "i1")]
    assert s.pending == 0


def test_after_a_jump_back_no_image_of_the_old_time_is_used():
    s = sync(image_memory=5000 * MS)
    for i in range(30):
        s.add_image(i * 100 * MS, f"old {i}", 0)
    assert s.add_image(0, "new 0", 0) == []
    assert s.image_drops == {"time_jump": 30}
    assert names(s.add_cloud(0, "c", 0)) == [("c", "new 0")]


def test_a_single_wild_stamp_costs_no_good_cloud():
    s = sync()
    s.add_image(100 * MS, "i0", 0)
    s.add_cloud(105 * MS, "c0", 0)
    assert names(s.add_image(10**18, "wild", 0)) == [("c0", "i0")]
    s.add_image(200 * MS, "i1", 0)
    assert names(s.add_cloud(200 * MS, "c1", 0)) == [("c1", "i1")]


def test_flush_and_clear_leave_nothing_behind():
    s = sync()
    s.add_image(90 * MS, "i", 0)
    s.add_cloud(100 * MS, "c", 0)
    s.add_cloud(300 * MS, "d", 0)
    assert names(s.flush()) == [("c", "i")]
    s.add_cloud(400 * MS, "e", 0)
    s.clear("deactivated")
    assert (s.pending, s.cloud_drops) == (0, {"no_image_in_tolerance": 1, "deactivated": 1})


@pytest.mark.parametrize("wrong", [{"tolerance": -1}, {"queue_size": 0}, {"max_wait": -0.1}, {"max_jump": 20 * MS}])
def test_impossible_settings_are_refused(wrong: dict[str, float]):
    with pytest.raises(InputError, match="correct the parameters"):
        sync(**wrong)


# stamps in ms: a walk with gaps, duplicates, steps back, and jumps both ways
STEPS = st.lists(st.sampled_from([0, 1, 7, 33, 50, 100, 100, 100, 100, 400, -30, -100, 5000, -5000]), max_size=60)
EVENTS = st.lists(st.sampled_from(["cloud", "cloud", "image", "image", "poll"]), max_size=60)


@settings(max_examples=400, deadline=None)
@given(STEPS, STEPS, EVENTS, st.integers(-60, 60), st.integers(0, 80), st.integers(1, 5), st.floats(0, 0.3))
def test_every_cloud_leaves_once(
    cloud_steps: list[int],
    image_steps: list[int],
    events: list[str],
    offset: int,
    tolerance: int,
    size: int,
    max_wait: float,
):
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(tolerance * MS, offset * MS, max_wait, size, 1000 * MS))
    clouds = itertools.accumulate(cloud_steps, initial=20_000)
    images = itertools.accumulate(image_steps, initial=20_000)
    stamp_of: dict[int, dict[int, int]] = {0: {}, 1: {}}
    pairs: list[Pair[int, int]] = []
    for tick, event in enumerate(events):
        now = tick * 0.02
        source = {"cloud": clouds, "image": images}.get(event)
        stamp = next(source, None) if source else None
        if stamp is None:
            pairs += s.poll(now)
            continue
        stamp_of[event == "image"][tick] = stamp * MS
        pairs += s.add_cloud(stamp * MS, tick, now) if event == "cloud" else s.add_image(stamp * MS, tick, now)
        assert s.pending <= size
        assert s.clouds == s.paired + s.cloud_drops.total() + s.pending
    pairs += s.flush()
    assert s.pending == 0
    assert s.clouds == len(stamp_of[0]) == len(pairs) + s.cloud_drops.total()
    assert len({p.cloud for p in pairs}) == len(pairs) == s.paired
    used = {p.image for p in pairs}
    s.clear("end")
    assert s.images == len(stamp_of[1]) == len(used) + s.image_drops.total()
    for pair in pairs:
        assert pair.stamp == stamp_of[0][pair.cloud]
        assert pair.error == stamp_of[1][pair.image] - pair.stamp - offset * MS
        assert abs(pair.error) <= tolerance * MS


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 400), unique=True, min_size=1, max_size=20),
    st.integers(5, 60),
    st.integers(0, 60),
    st.integers(-20, 20),
    st.integers(0, 60),
)
def test_a_steady_camera_gives_every_cloud_its_best_image(
    clouds: list[int], period: int, phase: int, offset: int, delay: int
):
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(20 * MS, offset * MS, 10.0, 100, 1000 * MS))
    images = list(range(phase - 100, 500, period))
    arrivals = [(t, "cloud", t) for t in clouds] + [(t + delay, "image", t) for t in images]
    pairs = []
    for _, kind, stamp in sorted(arrivals):
        pairs += (s.add_cloud if kind == "cloud" else s.add_image)(stamp * MS, stamp, 0)
    pairs += s.flush()
    assert [p.stamp for p in pairs] == sorted(p.stamp for p in pairs)
    reachable = [t for t in clouds if min(abs(i - t - offset) for i in images) <= 20]
    assert sorted(p.cloud for p in pairs) == sorted(reachable)
    for pair in pairs:
        assert abs(pair.error) == min(abs(i - pair.cloud - offset) for i in images) * MS
