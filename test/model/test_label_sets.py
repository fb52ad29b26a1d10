"""Label sets: shipped ones, and what makes one impossible."""

from pathlib import Path

import numpy as np
import pytest

from fm_ood_ros.errors import InputError
from fm_ood_ros.model import label_sets
from fm_ood_ros.model.label_sets import IGNORED, OOD, LabelSet
from fm_ood_ros.pictures.overlay import UNKNOWN_COLOR


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


OFFICIAL_NUSCENES = {  # raw lidarseg ids of the official classes 1 to 16
    1: [9], 2: [14], 3: [15, 16], 4: [17], 5: [18], 6: [21], 7: [2, 3, 4, 6], 8: [12], 9: [22], 10: [23],
    11: [24], 12: [25], 13: [26], 14: [27], 15: [28], 16: [30],
}  # fmt: skip
SHIPPED = {
    "street": 14, "kitti_vehicles_ood": 14, "kitti_vehicles_ood_bikes_id": 16, "kitti_other_vehicle_ood": 18,
    "nuscenes_vehicles_ood": 9, "nuscenes_real": 12, "carla_ood": 17,
}  # fmt: skip


def ids_of(name, raw):
    return LabelSet.load(name).train_ids(np.array(raw, np.uint16))


@pytest.mark.parametrize(
    ("name", "ood"), [("nuscenes_vehicles_ood", {2, 3, 4, 5, 6, 9, 10}), ("nuscenes_real", {1, 5, 8, 9})]
)
def test_nuscenes_sets_follow_the_official_classes(name, ood):
    """One class per known official class in its order, unknown ones unknown, what is in no official class ignored."""
    known = [c for c in OFFICIAL_NUSCENES if c not in ood]
    for official, raw in OFFICIAL_NUSCENES.items():
        assert set(ids_of(name, raw).tolist()) == {OOD if official in ood else known.index(official)}
    rest = sorted(set(range(32)) - {i for raw in OFFICIAL_NUSCENES.values() for i in raw})
    assert len(rest) == 12
    assert set(ids_of(name, rest).tolist()) == {IGNORED}


def test_kitti_sets_differ_in_what_is_unknown():
    raw = [10, 252, 11, 15, 18, 258, 13, 16, 20, 256, 257, 259]
    assert (ids_of("kitti_vehicles_ood", raw) == OOD).all()
    assert np.flatnonzero(ids_of("kitti_vehicles_ood_bikes_id", raw) != OOD).tolist() == [2, 3]
    assert np.flatnonzero(ids_of("kitti_other_vehicle_ood", raw) == OOD).tolist() == [6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("name", [n for n in SHIPPED if n.startswith("kitti")])
def test_kitti_sets_list_every_official_raw_id(name):
    official = [0, 1, 10, 11, 13, 15, 16, 18, 20, 30, 31, 32, 40, 44, 48, 49, 50, 51, 52, 60, 70, 71, 72, 80, 81, 99]
    ids = ids_of(name, official + list(range(252, 260)))
    assert ids[[0, 1, 18, 25]].tolist() == [IGNORED] * 4
    assert (ids == IGNORED).sum() == 4
    moving = {252: 10, 253: 31, 254: 30, 255: 32, 256: 16, 257: 13, 258: 18, 259: 20}
    assert ids_of(name, list(moving)).tolist() == ids_of(name, list(moving.values())).tolist()


def test_every_shipped_set_has_its_classes():
    folder = Path(label_sets.__file__).parent
    assert {p.stem: len(LabelSet.load(p.stem).classes) for p in folder.glob("*.yaml")} == SHIPPED


def test_carla_tags_are_all_listed():
    ids = ids_of("carla_ood", range(29))
    assert np.flatnonzero(ids == OOD).tolist() == [21, 22]


@pytest.mark.parametrize("name", SHIPPED)
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


@pytest.mark.parametrize("name", SHIPPED)
def test_no_class_looks_like_the_unknown(name):
    apart = np.abs(LabelSet.load(name).colors.astype(int) - UNKNOWN_COLOR).max(1)
    assert apart.min() >= 60
