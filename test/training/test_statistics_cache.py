"""Statistics are measured once, and again whenever data, labels or settings are others."""

import os
from dataclasses import replace

import pytest
from kitti_layout import make_kitti
from tiny_run import tiny_config

import training.data.statistics_cache
from fm_ood_ros.model.label_sets import LabelSet
from training.data.readers.semantic_kitti import SemanticKitti
from training.data.statistics import measure
from training.data.statistics_cache import cache_folder, cached_statistics


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """Data of its own, an empty cache, and a function that gives statistics and how often they were measured."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = make_kitti(tmp_path / "data", {"00": 2, "01": 1})
    measured = []

    def counting(*arguments):
        measured.append(arguments)
        return measure(*arguments)

    monkeypatch.setattr(training.data.statistics_cache, "measure", counting)
    config = tiny_config(tmp_path)

    def statistics(changed=config):
        label_set = LabelSet.load(changed.label_set)
        return cached_statistics(SemanticKitti(root, changed.data.train_sequences, label_set), label_set, changed)

    return root, config, statistics, measured


def test_the_second_run_reads_what_the_first_measured(counted):
    root, config, statistics, measured = counted
    first = statistics()
    assert statistics(replace(config, seed=7)) == first
    assert len(measured) == 1
    label_set = LabelSet.load(config.label_set)
    assert first == measure(SemanticKitti(root, None, label_set), label_set, config.input_spec())


def test_other_data_or_settings_are_measured_anew(counted):
    root, config, statistics, measured = counted
    statistics()
    statistics(replace(config, network=replace(config.network, size=(32, 128))))
    statistics(replace(config, data=replace(config.data, train_sequences=("00",))))
    assert len(measured) == 3
    label = next((root / "sequences/00/labels").iterdir())
    time = label.stat().st_mtime_ns
    label.write_bytes(label.read_bytes())  # the same size at another time
    os.utime(label, ns=(time + 1, time + 1))
    statistics()
    assert len(measured) == 4
    make_kitti(root, {"02": 1})
    statistics()
    assert len(measured) == 5
    statistics()
    assert len(measured) == 5


def test_a_broken_cache_is_measured_anew(counted):
    _, _, statistics, measured = counted
    first = statistics()
    (kept,) = cache_folder().iterdir()
    kept.write_text('{"image_mean": [1', encoding="utf-8")
    assert statistics() == first
    assert len(measured) == 2
