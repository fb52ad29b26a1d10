"""Whatever stands in a manifest, a bundle loads and is sound, or is refused by name and with a remedy."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundles import make_tiny_bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from fm_ood_ros.errors import BundleError
from fm_ood_ros.model.bundle import ModelBundle

ODD = (
    None, True, False, 0, 1, -1, 255, 256, 2**63, -(10**400), 0.5, -0.0, 1e308, float("nan"), float("inf"), "", "0.5",
    "tiny.onnx", "..", "a/b", "\0", "\ud800", "mount", [], {}, [[]], [1, 2], ["x"], {"name": "x"},
)  # fmt: skip
JSON = st.recursive(
    st.sampled_from(ODD) | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bundle(tmp_path_factory.mktemp("any") / "tiny", size=(8, 16))


@pytest.fixture(scope="module")
def good(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    for key in ("quantile_levels", "quantile_values"):  # few, so that the changes fall elsewhere too
        manifest["score"]["ranges"][0][key] = [0.1, 0.5, 0.9]
    return manifest


def places(value: object, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ways to every value within a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in pairs for place in ((*way, key), *places(inner, (*way, key)))]


def change(manifest: dict[str, Any], data: st.DataObject) -> None:
    *way, last = data.draw(st.sampled_from(places(manifest)))
    place: Any = manifest
    for key in way:
        place = place[key]
    how = data.draw(st.sampled_from(["set", "delete", "add"]))
    if how == "delete":
        del place[last]
    elif how == "set":
        place[last] = data.draw(JSON)
    elif isinstance(place, list):
        place.append(data.draw(JSON))
    else:
        place[data.draw(st.text(max_size=6))] = data.draw(JSON | st.just(place[last]))


def load_or_refuse(folder: Path) -> None:
    try:
        bundle = ModelBundle.load(folder)
    except BundleError as error:
        assert re.search(r"(manifest\.json|tiny\.onnx) .*[;:] .*\b(export|copy)\b", str(error)), str(error)
        assert str(error).isprintable()
        return
    assert all(isinstance(side, int) and side > 0 for side in bundle.size)
    assert 0 < bundle.threshold < 1
    assert bundle.labels.colors.shape == (bundle.manifest["graph"]["classes"], 3)
    assert np.isfinite([value for part in bundle.statistics.values() for value in part.values()]).all()
    assert set(bundle.statistics["intensity"]) == {"mean", "std", "p01", "p50", "p99"}
    score = bundle.score(np.array([-1e9, 0, 1e9], np.float32), np.array([1, 20, 100], np.float32))
    assert ((score >= 0) & (score <= 1)).all()
    assert bundle.read("fp32")


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_manifest_changed_anywhere_loads_or_is_refused(folder: Path, good: dict[str, Any], data: st.DataObject):
    manifest = copy.deepcopy(good)
    for _ in range(data.draw(st.integers(1, 3))):
        if manifest:
            change(manifest, data)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    load_or_refuse(folder)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), max_size=4), st.integers(0, 2000))
def test_garbled_bytes_load_or_are_refused(folder: Path, good: dict[str, Any], changes: Any, cut: int):
    raw = bytearray(json.dumps(good).encode())
    for place, value in changes:
        raw[place % len(raw)] = value
    (folder / "manifest.json").write_bytes(raw[: len(raw) if cut > len(raw) else cut])
    load_or_refuse(folder)


def test_a_manifest_nested_beyond_the_stack_is_refused(folder: Path):
    (folder / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(BundleError, match=r"manifest\.json is not JSON .*copy or export"):
        ModelBundle.load(folder)


def test_a_number_of_ten_thousand_digits_does_no_harm(folder: Path, good: dict[str, Any]):
    text = json.dumps({**good, "extra": 123456})
    (folder / "manifest.json").write_text(text.replace("123456", "9" * 10_000))
    load_or_refuse(folder)
