"""The graph: nothing in it that some runtime refuses, and the network's own numbers out of it."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from torch.nn import functional as F
from training.evaluate.scores import SCORES

from export.graph import Verdicts, contract_faults, write_onnx
from export.norms import fold_norms
from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig, PaperConfig
from training.models.network import NETWORKS

SIZE = (32, 64)


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
    net = NETWORKS[kind](4, config, ([90.0] * 3, [60.0] * 3), ([0.0] * 5, [1.0] * 5))
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
    check(network, "max_logit", tmp_path)


@pytest.mark.parametrize("score", [name for name in SCORES if name != "max_logit"])
def test_every_score_is_in_the_graph(compact, score, tmp_path):
    check(compact, score, tmp_path)


def check(network, score, tmp_path):
    class_id, probability, anomaly = run(network, score, tmp_path)
    image, lidar = inputs()
    with torch.no_grad():
        logits = network(torch.from_numpy(image), torch.from_numpy(lidar))
    assert class_id.dtype == np.uint8
    assert class_id.shape == probability.shape == anomaly.shape == (1, *SIZE)
    np.testing.assert_array_equal(class_id, logits.argmax(1))
    np.testing.assert_allclose(probability, logits.softmax(1).amax(1), atol=1e-5)
    np.testing.assert_allclose(anomaly, SCORES[score](logits), atol=1e-4)
    model = onnx.load(str(tmp_path / "model.onnx"))
    assert contract_faults(model, SIZE) == []
    assert model.opset_import[0].version == 20
    assert not any(len(node.metadata_props) for node in model.graph.node), "stack traces name this machine's folders"


def run(network, score, folder):
    """class_id, probability and anomaly of inputs() by the exported graph."""
    write_onnx(Verdicts(network, score).eval(), folder / "model.onnx")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    image, lidar = inputs()
    return session.run(None, {"image": image, "lidar": lidar})


@pytest.mark.parametrize("score", SCORES)
def test_no_score_takes_a_softmax_over_the_channels(compact, score, tmp_path):
    write_onnx(Verdicts(compact, score).eval(), tmp_path / "model.onnx")
    operations = {node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node}
    assert not operations & {"Softmax", "LogSoftmax", "ReduceLogSumExp"}


@pytest.mark.parametrize("normalise", ["layer", "batch"])
def test_every_stream_is_normalised_in_the_graph(normalise, tmp_path):
    """Against the streams' bare features, standardised by the formula: leaving one as it is changes the verdict."""
    network = variant("trimodal", normalise)
    image, lidar = inputs()
    pixels, points = network.inputs(torch.from_numpy(image), torch.from_numpy(lidar))
    geometry, reflectivity = points[:, [0, 1, 2, 3, 5]], points[:, [4, 5]]
    with torch.no_grad():
        bare = [network.camera(pixels), network.lidar(geometry), network.reflectivity(reflectivity)]
        norms = [network.camera_norm, network.lidar_norm, network.reflectivity_norm]
        even = [standardised(x, None if normalise == "layer" else norm) for x, norm in zip(bare, norms, strict=True)]
        expected = F.interpolate(network.head(torch.cat(even, 1)), SIZE, mode="bilinear")
        odd = F.interpolate(network.head(torch.cat([*even[:2], bare[2]], 1)), SIZE, mode="bilinear")
    _, _, anomaly = run(network, "max_logit", tmp_path)
    np.testing.assert_allclose(anomaly, -expected.amax(1), atol=1e-4)
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
    run(variant("trimodal", "layer"), "max_logit", tmp_path)
    operations = [node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node]
    last = max(i for i, operation in enumerate(operations) if operation == "Resize")  # enlarges the logits
    assert not {"ReduceMean", "ReduceSum"} & set(operations[:last])


def graph_of(*nodes, shape=(1, *SIZE)):
    infos = [
        helper.make_tensor_value_info("image", TensorProto.UINT8, [1, *SIZE, 3]),
        helper.make_tensor_value_info("lidar", TensorProto.FLOAT, [1, 5, *SIZE]),
    ]
    outs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("class_id", "probability", "anomaly")
    ]
    return helper.make_model(helper.make_graph(list(nodes), "g", infos, outs))


@pytest.mark.parametrize(
    "operation", ["ScatterND", "ScatterElements", "NonZero", "Loop", "If", "TopK", "BatchNormalization"]
)
def test_forbidden_operations_are_found(operation):
    node = helper.make_node(operation, ["lidar"], ["probability"])
    assert contract_faults(graph_of(node), SIZE) == [f"operation {operation}"]
    assert contract_faults(graph_of(helper.make_node("Relu", ["lidar"], ["probability"])), SIZE) == []


@pytest.mark.parametrize("operation", ["Softmax", "LogSoftmax"])
def test_a_softmax_over_the_channels_of_a_map_is_found(operation):
    def faults(axis, source="lidar"):
        before = helper.make_node("ReduceSum", ["lidar"], ["flat"], keepdims=0)
        before.input.append("first")
        over = {} if axis is None else {"axis": axis}
        model = graph_of(before, helper.make_node(operation, [source], ["probability"], **over))
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([0]), "first"))
        return contract_faults(model, SIZE)

    assert faults(1) == faults(-3) == [f"{operation} over the channels of lidar"]
    assert faults(None) == faults(2) == faults(1, "flat") == faults(-3, "flat") == []


def test_moving_shapes_are_found():
    assert "outputs" in contract_faults(graph_of(shape=(1, SIZE[0], "width")), SIZE)[0]
    model = graph_of()
    model.graph.value_info.append(helper.make_tensor_value_info("inner", TensorProto.FLOAT, [1, "n"]))
    assert contract_faults(model, SIZE) == ["dynamic shape of inner"]


def test_an_unknown_score_is_refused(compact):
    with pytest.raises(InputError, match=r"score is 'loudness', expected one of .*'max_logit'"):
        Verdicts(compact, "loudness")
