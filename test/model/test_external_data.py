"""A graph is whole in its file: what it would fetch from elsewhere, no hash of the manifest covers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from bundles import make_tiny_bundle
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from fm_ood_ros.engines import open_engine
from fm_ood_ros.errors import BundleError
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.external_data import MESSAGES, external_tensors


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_tiny_bundle(tmp_path / "tiny")


def rehash(bundle: Path) -> None:
    """Writes the hash of the graph as it is now into the manifest."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["fp32"]["sha256"] = hashlib.sha256((bundle / "tiny.onnx").read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def outside(name: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def graph(*nodes: onnx.NodeProto, weights: tuple[TensorProto, ...] = ()) -> onnx.GraphProto:
    return helper.make_graph(list(nodes), "g", [], [], list(weights))


def sparse(name: str) -> onnx.SparseTensorProto:
    return onnx.SparseTensorProto(values=outside(name), dims=[1])


def in_attribute(**attribute: object) -> onnx.ModelProto:
    node = onnx.NodeProto(op_type="Any", name="n")
    node.attribute.append(onnx.AttributeProto(name="a", **attribute))
    return helper.make_model(graph(node))


def in_function() -> onnx.ModelProto:
    model = in_attribute(t=outside("w"))
    function = onnx.FunctionProto(name="f", node=model.graph.node)
    return helper.make_model(graph(), functions=[function])


def in_training() -> onnx.ModelProto:
    model = helper.make_model(graph())
    model.training_info.add(algorithm=graph(weights=(outside("w"),)))
    return model


PLACES = {
    "weight": helper.make_model(graph(weights=(outside("w"),))),
    "sparse weight": helper.make_model(onnx.GraphProto(sparse_initializer=[sparse("w")])),
    "constant": in_attribute(t=outside("w")),
    "constants": in_attribute(tensors=[outside("w")]),
    "branch": in_attribute(g=graph(weights=(outside("w"),))),
    "branches": in_attribute(graphs=[graph(weights=(outside("w"),))]),
    "sparse constant": in_attribute(sparse_tensor=sparse("w")),
    "function": in_function(),
    "training": in_training(),
}


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_found_wherever_a_tensor_may_lie(place: str):
    assert external_tensors(PLACES[place].SerializeToString()) == ["w"]


def test_a_location_or_an_entry_alone_is_enough():
    tensor = outside("w")
    del tensor.external_data[:]
    assert external_tensors(helper.make_model(graph(weights=(tensor,))).SerializeToString()) == ["w"]
    tensor = outside("w")
    tensor.data_location = TensorProto.DEFAULT
    assert external_tensors(helper.make_model(graph(weights=(tensor,))).SerializeToString()) == ["w"]


def test_a_field_number_that_readers_would_cut_is_refused():
    tag = bytes([0xEA, 0x80, 0x80, 0x80, 0x80, 0x01])  # 13 << 3 | 2, external_data, and a 1 above bit 32
    tensor = tag + b"\0"
    graph = bytes([5 << 3 | 2, len(tensor)]) + tensor
    with pytest.raises(ValueError, match="beyond 32 bits"):
        external_tensors(bytes([7 << 3 | 2, len(graph)]) + graph)


def test_a_whole_graph_refers_to_nothing(bundle: Path):
    assert external_tensors((bundle / "tiny.onnx").read_bytes()) == []
    inside = numpy_helper.from_array(np.zeros(3, np.float32), "w")
    inside.data_location = TensorProto.DEFAULT
    assert external_tensors(helper.make_model(graph(weights=(inside,))).SerializeToString()) == []


def test_the_way_to_every_tensor_is_the_one_of_onnx():
    """Read from the descriptors of the onnx package, so that a field that a later version adds is noticed."""
    fields: dict[str, dict[int, str]] = {}
    pending = [onnx.ModelProto.DESCRIPTOR]
    while pending:
        message = pending.pop()
        inner = {f.number: f.message_type for f in message.fields if f.message_type}
        fields[message.name] = {number: kind.name for number, kind in inner.items()}
        pending += [kind for kind in inner.values() if kind.name not in fields]
    before, reaching = set(), {"TensorProto"}
    while before != reaching:
        before = set(reaching)
        reaching |= {name for name, inner in fields.items() if reaching & set(inner.values())}
    ways = {name: {n: kind for n, kind in fields[name].items() if kind in reaching} for name in reaching}
    assert {name: way for name, way in ways.items() if way} == MESSAGES


def test_external_data_is_refused(bundle: Path):
    path = bundle / "tiny.onnx"
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    rehash(bundle)
    onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])  # which would take it
    complaint = r"tiny\.onnx keeps 6 tensors in other files \('floor', .*export the model again"
    with pytest.raises(BundleError, match=complaint):
        ModelBundle.load(bundle)


NO_GRAPHS = {
    "empty": b"",
    "text": b"no graph",
    "a version alone": b"\x08\x09",
    "onnxruntime's own format": b"\x12\x0e\0\0ORTM" + bytes(8) + b"\x3a\0",
}


@pytest.mark.parametrize("raw", NO_GRAPHS.values(), ids=NO_GRAPHS)
def test_what_is_no_graph_is_refused(bundle: Path, raw: bytes):
    (bundle / "tiny.onnx").write_bytes(raw)
    rehash(bundle)
    with pytest.raises(BundleError, match=r"tiny\.onnx is no ONNX graph .*export the model again"):
        ModelBundle.load(bundle)


def test_a_file_swapped_after_the_check_is_not_opened(bundle: Path, tmp_path: Path):
    loaded = ModelBundle.load(bundle)
    other = make_tiny_bundle(tmp_path / "other", threshold=0.5)
    model = onnx.load(other / "tiny.onnx")
    model.producer_name = "other"
    onnx.save(model, bundle / "tiny.onnx")
    with pytest.raises(BundleError, match=r"tiny\.onnx has sha256"):
        open_engine(loaded)


def test_the_engine_opens_the_very_bytes_that_were_hashed(bundle: Path, monkeypatch: pytest.MonkeyPatch):
    given_to_engine = []
    session = onnxruntime.InferenceSession

    def noting(graph: object, *rest: object, **options: object) -> object:
        given_to_engine.append(graph)
        return session(graph, *rest, **options)

    monkeypatch.setattr(onnxruntime, "InferenceSession", noting)
    loaded = ModelBundle.load(bundle)
    open_engine(loaded)
    (raw,) = given_to_engine
    assert isinstance(raw, bytes)
    assert hashlib.sha256(raw).hexdigest() == loaded.manifest["files"]["fp32"]["sha256"]


WHOLE = PLACES["function"].SerializeToString()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4), st.integers(0, len(WHOLE)))
def test_garbled_bytes_are_read_or_refused(changes: list[tuple[int, int]], cut: int):
    raw = bytearray(WHOLE)
    for place, value in changes:
        raw[place] = value
    try:
        names = external_tensors(bytes(raw[:cut]))
    except ValueError as error:
        assert str(error)
    else:
        assert all(isinstance(name, str) for name in names)
