"""Messages that come late, and clocks that disagree: who is told apart from whom, and what is said to cure it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fm_ood_ros.pairing.hints import hints
from fm_ood_ros.pairing.images import MOST_IMAGES, Images
from fm_ood_ros.pairing.synchroniser import Pair, Synchroniser, SyncSettings

MS = 1_000_000
START = 1_000_000  # ms


def played(
    clouds: list[int],
    images: list[int],
    cloud_delay: float = 0,
    image_delay: float = 0,
    image_clock: int = 0,
    flush: bool = True,
    **changes: float,
) -> tuple[Synchroniser[int, int], list[Pair[int, int]]]:
    """Sends messages taken at those ms, so many ms later, polling every 10 ms; the camera's stamps are off by
    image_clock ms."""
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(**changes))  # type: ignore[arg-type]
    events = [(t + cloud_delay, "cloud", t) for t in clouds] + [(t + image_delay, "image", t) for t in images]
    last = max(event[0] for event in events)
    events += [(t, "poll", 0) for t in range(0, int(last) + 200, 10)]
    pairs = []
    for ms, kind, taken in sorted(events):
        if kind == "poll":
            pairs += s.poll(ms / 1e3)
        elif kind == "cloud":
            pairs += s.add_cloud((START + taken) * MS, taken, ms / 1e3)
        else:
            pairs += s.add_image((START + taken + image_clock) * MS, taken, ms / 1e3)
        assert s.clouds == s.paired + s.cloud_drops.total() + s.pending
        assert min(s.cloud_drops.values(), default=0) >= 0
    return s, pairs + (s.flush() if flush else [])


CLOUDS = list(range(0, 5000, 100))


@pytest.mark.parametrize("hertz", [10, 30, 60, 100])
@pytest.mark.parametrize("delay", [0, 80, 200, 500, 800])
def test_row_23_late_clouds_beside_a_fast_camera_get_their_image(hertz: int, delay: int):
    images = [round(i * 1000 / hertz) for i in range(7 * hertz)]
    s, pairs = played(CLOUDS, images, cloud_delay=delay)
    assert len(pairs) == len(CLOUDS)
    for pair in pairs:
        assert abs(pair.image - pair.cloud) == min(abs(i - pair.cloud) for i in images)
    assert s.cloud_drops.total() == 0


def test_row_23_images_leave_once_no_cloud_can_take_them():
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(image_memory=1000 * MS))
    most = 0
    for t in range(0, 5000, 10):
        s.add_image(t * MS, t, t / 1e3)
        if t % 100 == 0 and t >= 200:
            s.add_cloud((t - 200) * MS, t, t / 1e3)
        most = max(most, s.images - s.paired - s.image_drops.total())
    assert most < 60  # 200 ms late, one cloud every 100 ms, 50 ms of tolerance: not the 100 of a whole second


def test_row_23_images_are_bounded_without_any_cloud():
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(image_memory=1000 * MS))
    for t in range(0, 10_000, 10):
        s.add_image(t * MS, t, t / 1e3)
    assert s.image_drops == {"image_unused": 1000 - 101}
    images: Images[int] = Images(10**18)
    for stamp in range(MOST_IMAGES + 50):
        images.add(stamp, stamp, 0)
        images.let_go(None)
    assert len(images) == MOST_IMAGES
    assert images.gone_until == 49


def test_row_23_a_cloud_later_than_the_memory_is_told_so_and_what_would_do():
    images = list(range(0, 9000, 10))
    s, pairs = played(CLOUDS, images, cloud_delay=1500)
    assert pairs == []
    assert +s.cloud_drops == {"cloud_late": 50}
    assert hints(s)["cloud_late"] == (
        "the cloud came 1490 ms after the images of its time, which were gone; set image_memory to 1.64 if the clocks "
        "agree; else synchronise them"
    )
    _, pairs = played(CLOUDS, images, cloud_delay=1500, image_memory=1640 * MS)
    assert [p.error for p in pairs] == [0] * 50


@pytest.mark.parametrize(("cloud", "cause"), [(70, "cloud_late"), (71, "no_image_in_tolerance")])
def test_row_23_a_cloud_is_late_when_an_image_within_its_tolerance_has_left(cloud: int, cause: str):
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(tolerance=20 * MS, image_memory=100 * MS))
    for t in (50, 200):
        s.add_image(t * MS, t, 0)
    s.add_cloud(cloud * MS, cloud, 0)
    assert s.cloud_drops == {cause: 1}


def test_row_22_after_a_jump_of_the_camera_no_old_cloud_is_watched():
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(max_wait=0))
    s.add_image(10_000 * MS, 0, 0)
    s.add_cloud(10_100 * MS, 0, 0)
    for ms in (6500, 7400, 8300, 9200, 10_100):  # the camera's second round, not the image that was late
        s.add_image(ms * MS, ms, 0.1)
    assert s.cloud_drops == {"no_image_in_tolerance": 1}


def test_row_23_after_a_jump_back_no_cloud_is_late_for_what_left_before():
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(max_wait=0))
    for ms in (*range(10_000, 13_000, 100), 0):
        s.add_image(ms * MS, ms, ms / 1e3)
    s.add_cloud(200 * MS, 200, 13)
    assert s.cloud_drops == {"no_image_in_tolerance": 1}


def test_a_camera_that_starts_late_teaches_nothing_about_offsets():
    s, _ = played(list(range(0, 3000, 100)), list(range(2950, 4000, 100)), tolerance=10 * MS)
    assert not [gap for gap in s.misses.gaps if abs(gap) > 50 * MS]


@pytest.mark.parametrize("hertz", [10, 30, 60])
def test_row_22_images_that_come_late_are_named_so_and_max_wait_cures_it(hertz: int):
    images = [round(i * 1000 / hertz) for i in range(6 * hertz)]
    s, pairs = played(CLOUDS, images, image_delay=150, tolerance=10 * MS)
    assert not pairs
    assert +s.cloud_drops == {"image_late": 50}
    said = hints(s)["image_late"]
    assert said == "the right image came 150 ms after the cloud; set max_wait to 0.17"
    assert not s.misses.gaps  # from which an image_offset would be advised
    assert "image_offset" not in hints(s)["no_image_in_tolerance"]
    s, pairs = played(CLOUDS, images, image_delay=150, tolerance=10 * MS, max_wait=0.17)
    assert [p.error for p in pairs] == [0] * 50
    assert s.misses.outrun == 0


def test_row_22_a_cloud_for_which_several_images_come_too_late_is_counted_once():
    s, _ = played(CLOUDS, list(range(0, 6000, 10)), image_delay=150, tolerance=30 * MS)
    assert s.cloud_drops == {"no_image_in_tolerance": 0, "image_late": 50}


@pytest.mark.parametrize("hertz", [10, 60])
def test_row_22_a_cloud_judged_with_another_image_than_its_own_is_noticed(hertz: int):
    images = [round(i * 1000 / hertz) for i in range(6 * hertz)]
    s, pairs = played(CLOUDS, images, image_delay=150, tolerance=120 * MS)
    assert len(pairs) == 49 and all(p.error < 0 for p in pairs)  # the first image is not there yet
    assert s.misses.outrun == 49
    assert hints(s)["image_late"].endswith("set max_wait to 0.17")


def test_row_22_the_first_report_does_not_blame_the_offset():
    s, _ = played([0, 100, 200], [-100, 0], image_delay=99, tolerance=10 * MS, flush=False)
    assert +s.cloud_drops == {"no_image_in_tolerance": 2}
    assert hints(s)["no_image_in_tolerance"] == (
        "no image of that time came within max_wait of 0.1 s; check the camera's rate"
    )


@pytest.mark.parametrize("shift", [-40, 40])
def test_an_image_that_is_always_off_is_cured_by_image_offset(shift: int):
    images = list(range(-200, 6000, 100))
    s, _ = played(CLOUDS, images, image_clock=shift, tolerance=15 * MS)
    assert +s.cloud_drops == {"no_image_in_tolerance": 50}
    offset = shift / 1e3
    assert hints(s)["no_image_in_tolerance"] == (
        f"the nearest image is {shift:+.1f} ms off, always; set image_offset to {offset:.3f}"
    )
    changed = {"image_offset": shift * MS, "tolerance": 15 * MS}
    s, pairs = played(CLOUDS, images, image_clock=shift, **changed)
    assert [p.error for p in pairs] == [0] * 50
    s, _ = played(CLOUDS, images, image_clock=shift, image_offset=shift // 2 * MS, tolerance=15 * MS)
    assert hints(s)["no_image_in_tolerance"].endswith(f"set image_offset to {offset:.3f}")  # of the whole, not more


def test_images_that_are_now_here_now_there_are_cured_by_sync_tolerance():
    images = list(range(3, 6000, 97))
    s, _ = played(CLOUDS, images, tolerance=5 * MS)
    said = hints(s)["no_image_in_tolerance"]
    assert "off; set sync_tolerance to 0.06, or" in said
    s, _ = played(CLOUDS, images, tolerance=60 * MS)
    assert s.cloud_drops.total() == 0


@pytest.mark.parametrize("seconds", [-1_795_808_104, -60, -11, 11, 60, 1_795_808_104])
def test_row_24_clocks_that_differ_are_named(seconds: int):
    images = list(range(0, 6000, 33))
    s, _ = played(CLOUDS, images, image_clock=seconds * 1000)
    assert +s.cloud_drops == {"clocks_differ": 50}
    assert s.clock_difference == pytest.approx(seconds * 10**9, abs=0.2e9)
    said = hints(s)["clocks_differ"]
    assert said.startswith(f"the clocks of camera and LiDAR differ by {seconds:+d} s; synchronise them (PTP or NTP)")
    assert not s.misses.gaps


@pytest.mark.parametrize("silence", [12_000, 60_000])
def test_row_24_a_camera_that_stops_or_pauses_is_no_clock_astray(silence: int):
    images = [*range(0, 1000, 33), *range(1000 + silence, 3000 + silence, 33)]
    s, _ = played(list(range(0, 3000 + silence, 100)), images)
    assert set(+s.cloud_drops) <= {"no_image_in_tolerance", "time_jump"}
    s, _ = played(list(range(0, 1000 + silence, 100)), images[:31])
    assert set(+s.cloud_drops) == {"no_image_in_tolerance"}


def test_waiting_clouds_that_do_not_fit_name_their_queue():
    s: Synchroniser[int, int] = Synchroniser(SyncSettings(queue_size=4))
    for i in range(6):
        s.add_cloud(i, i, 0)
    assert hints(s)["cloud_queue_full"] == "more than 4 clouds waited for images; raise sync_queue_size"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(5, 120),
    st.integers(0, 100),
    st.integers(0, 600),
    st.integers(0, 400),
    st.sampled_from([5, 20, 60]),
)
def test_delays_alone_cost_nothing_once_the_advice_is_followed(
    period: int, phase: int, cloud_delay: int, image_delay: int, tolerance: int
):
    """Rows 22 and 23: whatever the delays, with the advised max_wait every cloud gets the best image there is."""
    images = list(range(phase - 500, 3000, period))
    clouds = list(range(0, 2000, 100))
    s, pairs = played(clouds, images, cloud_delay, image_delay, tolerance=tolerance * MS)
    if s.misses.waits:
        wait = float(hints(s)["image_late"].split("max_wait to ")[1].split()[0])
        s, pairs = played(clouds, images, cloud_delay, image_delay, tolerance=tolerance * MS, max_wait=wait)
    reachable = [t for t in clouds if min(abs(i - t) for i in images) <= tolerance]
    assert [p.cloud for p in pairs] == reachable
    for pair in pairs:
        assert abs(pair.image - pair.cloud) == min(abs(i - pair.cloud) for i in images)
