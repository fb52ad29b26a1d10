"""The network as the vehicle runs it: raw inputs in, logits out, in one static ONNX graph."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from export.norms import fold_norms
from fm_ood_ros.errors import InputError
from fm_ood_ros.model.manifest import STEPS
from training.models.fusion import LateFusion

OPSET = 20
FORBIDDEN = ("Scatter", "NonZero", "Loop", "If", "Scan", "Compress", "Unique", "TopK", "DeformConv")


class Exported(nn.Module):
    """Logits of the features' size: what a cell of the input gets of them is read where a point lies, not enlarged.

    image: [1,H,W,3] uint8; lidar: [1,5,H,W] float32 (range, x, y, z, intensity; zeros where empty)
    """

    def __init__(self, network: LateFusion) -> None:
        super().__init__()
        self.network = fold_norms(network)

    def forward(self, image: Tensor, lidar: Tensor) -> Tensor:
        """Logits [1,C,h,w] float32."""
        return self.network.coarse(image, lidar)


def input_shapes(size: tuple[int, int]) -> dict[str, list[int]]:
    """Shapes of the inputs by name."""
    height, width = size
    return {"image": [1, height, width, 3], "lidar": [1, 5, height, width]}


def output_shapes(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Shapes of a graph's outputs by name; 0 where one moves."""
    return {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.output}


def write_onnx(module: Exported, path: Path) -> onnx.ModelProto:
    """Exports to one ONNX file and checks that it keeps the contract; raises InputError where it does not."""
    model = exported(module, module.network)
    faults = contract_faults(model, module.network.size, module.network.classes)
    if faults:
        raise InputError(f"{path} breaks the graph's contract: {'; '.join(faults)}; change the network")
    onnx.save(model, str(path))
    return model


def exported(module: nn.Module, network: LateFusion, outputs: Sequence[str] = ("logits",)) -> onnx.ModelProto:
    """The graph of a module around a network, well formed, whether it keeps the contract or not."""
    inputs = input_shapes(network.size)
    example = (torch.zeros(inputs["image"], dtype=torch.uint8), torch.zeros(inputs["lidar"]))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is absent, which is fine
    program = torch.onnx.export(
        module,
        example,
        dynamo=True,
        opset_version=OPSET,
        input_names=list(inputs),
        output_names=list(outputs),
        verbose=False,
    )
    assert program is not None
    model = without_origins(program.model_proto)
    onnx.checker.check_model(model, full_check=True)
    onnx.helper.set_model_props(model, {"classes": str(network.classes)})  # which no input of it shows
    return model


def without_origins(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the stack traces that the exporter keeps: they name folders of this machine."""
    for item in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        item.doc_string = ""
        del item.metadata_props[:]
    for info in (*model.graph.input, *model.graph.output):
        del info.metadata_props[:]
    return model


def contract_faults(model: onnx.ModelProto, size: tuple[int, int], classes: int) -> list[str]:
    """What keeps a graph from loading, or from running fast, everywhere: operations, moving shapes, other names."""
    operations = sorted({node.op_type for node in model.graph.node})
    faults = [f"operation {op}" for op in operations if op == "BatchNormalization" or op.startswith(FORBIDDEN)]
    if any(len(function.node) for function in model.functions):
        faults.append("local functions")
    faults += softmaxes_over_channels(model)
    found = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.input}
    if found != input_shapes(size):
        faults.append(f"inputs {found}, expected {input_shapes(size)}")
    outputs = [{"logits": [1, classes, size[0] // step, size[1] // step]} for step in STEPS]
    if output_shapes(model) not in outputs:
        faults.append(f"outputs {output_shapes(model)}, expected {outputs[0]} or a half or quarter of that size")
    moving = [i.name for i in model.graph.value_info if any(d.dim_param for d in i.type.tensor_type.shape.dim)]
    return faults + [f"dynamic shape of {name}" for name in moving[:3]]


def softmaxes_over_channels(model: onnx.ModelProto) -> list[str]:
    """Softmax and LogSoftmax along the channels of a map [1,C,H,W], where neighbours lie H x W numbers apart."""
    found = [n for n in model.graph.node if n.op_type in ("Softmax", "LogSoftmax") and _axis(n) in (1, -3)]
    if not found:
        return []
    graph = onnx.shape_inference.infer_shapes(model).graph
    infos = (*graph.input, *graph.value_info, *graph.output)
    rank = {info.name: len(info.type.tensor_type.shape.dim) for info in infos}
    return [f"{node.op_type} over the channels of {node.input[0]}" for node in found if rank.get(node.input[0]) == 4]


def _axis(node: onnx.NodeProto) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "axis"), -1)
