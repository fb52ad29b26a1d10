"""Label sets: shipped ones, and what makes one impossible."""

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from fm_ood_ros.label_sets import IGNORED, OOD, LabelSet


def test_street_maps_known_unknown_and_ignored():
    labels = LabelSet.load("street")
    names = [c.name for c in labels.classes]
    ids = labels.train_ids(np.array([40, 60, 10, 99, 0, 1], np.uint16))
    assert [names[i] for i in ids[:3]] == ["road", "road", "car"]
    assert ids[3:].tolist() == [OOD, IGNORED, IGNORED]


def test_kitti_vehicles_are_unknown():
    labels = LabelSet.load("kitti_vehicles_ood")
    assert len(labels.classes) == 14
    assert (labels.train_ids(np.array([10, 18, 252, 11], np.uint16)) == OOD).all()


@pytest.mark.parametrize("name", ["street", "kitti_vehicles_ood"])
def test_dictionary_round_trip(name):
    labels = LabelSet.load(name)
    assert LabelSet.from_dict(labels.to_dict()) == labels
    assert labels.colors.shape == (len(labels.classes), 3)


def test_unknown_raw_ids_are_named():
    with pytest.raises(InputError, match=r"\[7, 300\]"):
        LabelSet.load("street").train_ids(np.array([40, 300, 7], np.uint16))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "name: x\nclasses: [{name: a, color: [0,0,0], raw_ids: [1]}, {name: b, color: [1,1,1], raw_ids: [1]}]\n"
            "ood_raw_ids: []\nignore_raw_ids: []",
            "twice",
        ),
        ("name: x\nclasses: []\nood_raw_ids: []\nignore_raw_ids: []", "0 classes"),
        ("name: x", "no label set"),
        ("[", "no label set"),
    ],
)
def test_broken_sets_are_refused(tmp_path, text, words):
    path = tmp_path / "set.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        LabelSet.load(path)


def test_a_missing_set_names_the_shipped_ones():
    with pytest.raises(InputError, match="street"):
        LabelSet.load("lunar")
