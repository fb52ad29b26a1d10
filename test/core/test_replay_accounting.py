"""Every cloud of a replay has a fate, and a row that did not come back as it was sent is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from fm_ood_ros.replay.accounting import LOST_AFTER, LOST_BEFORE, Accounting, drops_of, latency
from fm_ood_ros.replay.annotated import _same_rows

ROW = np.dtype([("x", "<f4"), ("ring", "<u2")])


def test_what_the_middleware_loses_is_named_beside_the_nodes_own_drops():
    said = {"dropped.bad_image": "2", "dropped.superseded": "0", "clouds.received": "9", "clouds.judged": "7"}
    drops = drops_of(said, sent=10, arrived=6)
    assert drops == {"bad_image": 2, LOST_BEFORE: 1, LOST_AFTER: 1}
    assert Accounting(10, 6, drops, 0).unexplained == 0


def test_a_cloud_that_the_node_forgot_is_unexplained():
    drops = drops_of({"clouds.received": "10", "clouds.judged": "7"}, sent=10, arrived=7)
    assert drops == {}
    assert Accounting(10, 7, drops, 0).to_dict()["clouds_unexplained"] == 3


def test_rows_are_the_same_only_byte_for_byte_and_in_order():
    sent = np.array([(1.0, 1), (np.nan, 2), (3.0, 3)], ROW)
    returned = np.zeros(3, np.dtype([*ROW.descr, ("class_id", "u1")]))
    for name in ROW.names or ():
        returned[name] = sent[name]
    assert _same_rows(sent, returned)
    assert not _same_rows(sent, returned[::-1])
    assert not _same_rows(sent, returned[:2])
    returned["ring"][1] = 7
    assert not _same_rows(sent, returned)


def test_latency_takes_the_clouds_that_came_back():
    assert latency({1: 0.0, 2: 1.0, 3: 2.0}, {1: 0.010, 3: 2.030}) == pytest.approx({"p50": 20, "p95": 29, "max": 30})
    assert latency({1: 0.0}, {}) == {}
