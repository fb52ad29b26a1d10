"""The graph: nothing in it that some runtime refuses, and the network's own numbers out of it."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from export.graph import Exported, contract_faults, exported, output_shapes, write_onnx
from export.norms import fold_norms
from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig, PaperConfig
from training.models.layers import enlarge
from training.models.network import NETWORKS

SIZE, CLASSES = (32, 64), 4

VARIANTS = {
    "compact": {},
    "compact_batch_norm": {"normalise": "batch"},
    "compact_layer_norm": {"normalise": "layer"},
    "trimodal_layer_norm": {"kind": "trimodal", "normalise": "layer"},
    "paper": {"kind": "paper"},
    "paper_half_stem_batch_norm": {"kind": "paper", "normalise": "batch", "stem_stride": 2},
}


def variant(kind="compact", normalise="none", stem_stride=1):
    """A network whose batch norms have seen data, so that folding them matters."""
    torch.manual_seed(0)
    paper = PaperConfig("resnet18", 8, stem_stride, 4, 8)
    config = NetworkConfig(SIZE, (4, 6, 8, 8), (1, 1, 1), 6, 8, kind=kind, paper=paper, normalise=normalise)
    net = NETWORKS[kind](CLASSES, config, ([90.0] * 3, [60.0] * 3), ([0.0] * 5, [1.0] * 5))
    for _ in range(3):
        net(*(torch.from_numpy(x) for x in inputs(4)))
    return net.eval()


@pytest.fixture(scope="module", params=VARIANTS)
def network(request):
    return variant(**VARIANTS[request.param])


@pytest.fixture(scope="module")
def compact():
    return variant()


def inputs(batch=1, seed=0):
    rng = np.random.default_rng(seed)
    lidar = rng.uniform(1, 40, (batch, 5, *SIZE)) * (rng.random((batch, 1, *SIZE)) < 0.3)
    return rng.integers(0, 256, (batch, *SIZE, 3)).astype(np.uint8), lidar.astype(np.float32)


def test_the_file_says_what_the_network_says(network, tmp_path):
    found = run(network, tmp_path)
    image, lidar = (torch.from_numpy(x) for x in inputs())
    with torch.no_grad():
        coarse, whole = network.coarse(image, lidar), network(image, lidar)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, coarse, atol=1e-4)
    np.testing.assert_allclose(enlarge(torch.from_numpy(found), SIZE), whole, atol=1e-4)
    model = onnx.load(str(tmp_path / "model.onnx"))
    assert contract_faults(model, SIZE, CLASSES) == []
    assert output_shapes(model) == {"logits": list(coarse.shape)}
    assert model.opset_import[0].version == 20
    assert not any(len(node.metadata_props) for node in model.graph.node), "stack traces name this machine's folders"


@pytest.mark.parametrize(("kind", "shape"), [("compact", (16, 32)), ("trimodal", (16, 32)), ("paper", SIZE)])
def test_logits_leave_in_the_size_in_which_they_are_made(kind, shape, tmp_path):
    assert run(variant(kind), tmp_path).shape == (1, CLASSES, *shape)


def run(network, folder):
    """Logits of inputs() by the exported graph."""
    write_onnx(Exported(network).eval(), folder / "model.onnx")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    image, lidar = inputs()
    (logits,) = session.run(None, {"image": image, "lidar": lidar})
    return logits


def test_nothing_is_judged_in_the_graph(compact, tmp_path):
    operations = {n.op_type for n in write_onnx(Exported(compact).eval(), tmp_path / "model.onnx").graph.node}
    assert "Conv" in operations
    assert not operations & {"Softmax", "LogSoftmax", "ReduceLogSumExp", "ArgMax", "ReduceMax"}


def test_a_graph_that_breaks_the_contract_is_not_written(compact, tmp_path):
    class Judging(Exported):
        def forward(self, image, lidar):
            return super().forward(image, lidar).softmax(1)

    with pytest.raises(InputError, match=r"model\.onnx breaks the graph's contract: Softmax over .*change the network"):
        write_onnx(Judging(compact).eval(), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_graph_names_as_many_outputs_as_are_asked_for(compact):
    class Both(Exported):
        def forward(self, image, lidar):
            logits = super().forward(image, lidar)
            return logits, -logits

    model = exported(Both(compact).eval(), compact, ("logits", "opposite"))
    assert output_shapes(model) == {name: [1, CLASSES, 16, 32] for name in ("logits", "opposite")}
    assert "outputs" in contract_faults(model, SIZE, CLASSES)[0]


@pytest.mark.parametrize("normalise", ["layer", "batch"])
def test_every_stream_is_normalised_in_the_graph(normalise, tmp_path):
    """Against the streams' bare features, standardised by the formula: leaving one as it is changes the logits."""
    network = variant("trimodal", normalise)
    image, lidar = inputs()
    pixels, points = network.inputs(torch.from_numpy(image), torch.from_numpy(lidar))
    geometry, reflectivity = points[:, [0, 1, 2, 3, 5]], points[:, [4, 5]]
    with torch.no_grad():
        bare = [network.camera(pixels), network.lidar(geometry), network.reflectivity(reflectivity)]
        norms = [network.camera_norm, network.lidar_norm, network.reflectivity_norm]
        even = [standardised(x, None if normalise == "layer" else norm) for x, norm in zip(bare, norms, strict=True)]
        expected, odd = (network.head(torch.cat(streams, 1)) for streams in (even, [*even[:2], bare[2]]))
    np.testing.assert_allclose(run(network, tmp_path), expected, atol=1e-4)
    assert (expected - odd).abs().max() > 1e-2, "it matters here"


def standardised(x, norm):
    """Of [B,C,H,W]: over the channels of every position, or by the mean and variance that a batch norm has seen."""
    mean, variance = (x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)) if norm is None else seen(norm)
    return (x - mean) / torch.sqrt(variance + 1e-5)


def seen(norm):
    assert norm.num_batches_tracked == 3
    return norm.running_mean.view(1, -1, 1, 1), norm.running_var.view(1, -1, 1, 1)


def test_norms_fold_into_their_convolutions(network):
    folded = fold_norms(network)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules()), "the original stays as it was"
    image, lidar = (torch.from_numpy(x) for x in inputs())
    torch.testing.assert_close(folded(image, lidar), network(image, lidar), rtol=1e-4, atol=1e-4)


def test_norms_over_channels_take_no_mean_along_them(tmp_path):
    run(variant("trimodal", "layer"), tmp_path)
    operations = {node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node}
    assert not {"ReduceMean", "ReduceSum"} & operations


def graph_of(*nodes, shape=(1, CLASSES, *SIZE), outputs=("logits",), inputs=("image", "lidar")):
    shapes = {"image": (TensorProto.UINT8, [1, *SIZE, 3]), "lidar": (TensorProto.FLOAT, [1, 5, *SIZE])}
    infos = [helper.make_tensor_value_info(name, *shapes.get(name, shapes["lidar"])) for name in inputs]
    outs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs]
    return helper.make_model(helper.make_graph(list(nodes), "g", infos, outs))


def faults_of(*nodes, **changes):
    return contract_faults(graph_of(*nodes, **changes), SIZE, CLASSES)


@pytest.mark.parametrize("step", [1, 2, 4])
def test_logits_of_the_inputs_size_a_half_or_a_quarter_keep_the_contract(step):
    assert faults_of(shape=(1, CLASSES, SIZE[0] // step, SIZE[1] // step)) == []


@pytest.mark.parametrize(
    "shape", [(1, CLASSES, 4, 8), (1, CLASSES, 16, 64), (1, CLASSES + 1, 16, 32), (2, CLASSES, 16, 32), (1, 16, 32)]
)
def test_logits_of_other_shapes_are_found(shape):
    expected = {"logits": [1, CLASSES, *SIZE]}
    assert faults_of(shape=shape) == [
        f"outputs {{'logits': {list(shape)}}}, expected {expected} or a half or quarter of that size"
    ]


@pytest.mark.parametrize("names", [{"outputs": ("class_id",)}, {"outputs": ("logits", "anomaly")}, {"outputs": ()}])
def test_other_outputs_are_found(names):
    (fault,) = faults_of(**names)
    assert fault.startswith("outputs {")


@pytest.mark.parametrize("names", [("image",), ("image", "lidar", "depth"), ("picture", "lidar")])
def test_other_inputs_are_found(names):
    (fault,) = faults_of(inputs=names)
    assert fault.startswith("inputs {")


@pytest.mark.parametrize(
    "operation", ["ScatterND", "ScatterElements", "NonZero", "Loop", "If", "TopK", "BatchNormalization"]
)
def test_forbidden_operations_are_found(operation):
    assert faults_of(helper.make_node(operation, ["lidar"], ["logits"])) == [f"operation {operation}"]
    assert faults_of(helper.make_node("Relu", ["lidar"], ["logits"])) == []


def test_local_functions_are_found():
    model = graph_of()
    model.functions.append(
        helper.make_function("own", "f", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])], model.opset_import)
    )
    assert contract_faults(model, SIZE, CLASSES) == ["local functions"]


@pytest.mark.parametrize("operation", ["Softmax", "LogSoftmax"])
def test_a_softmax_over_the_channels_of_a_map_is_found(operation):
    def faults(axis, source="lidar"):
        before = helper.make_node("ReduceSum", ["lidar"], ["flat"], keepdims=0)
        before.input.append("first")
        over = {} if axis is None else {"axis": axis}
        model = graph_of(before, helper.make_node(operation, [source], ["logits"], **over))
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([0]), "first"))
        return contract_faults(model, SIZE, CLASSES)

    assert faults(1) == faults(-3) == [f"{operation} over the channels of lidar"]
    assert faults(None) == faults(2) == faults(1, "flat") == faults(-3, "flat") == []


def test_moving_shapes_are_found():
    assert "outputs" in faults_of(shape=(1, CLASSES, SIZE[0], "width"))[0]
    model = graph_of()
    model.graph.value_info.append(helper.make_tensor_value_info("inner", TensorProto.FLOAT, [1, "n"]))
    assert contract_faults(model, SIZE, CLASSES) == ["dynamic shape of inner"]
