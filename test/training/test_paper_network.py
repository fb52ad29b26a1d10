"""The paper's network: its published size, its shapes, and ImageNet weights from local files."""

import pickle
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from fm_ood_ros.errors import InputError
from training.models.config import NetworkConfig, PaperConfig
from training.models.cost import operations_by_part, parameters
from training.models.paper import PaperFusion
from training.models.pretrained import load_backbone
from training.models.resnet import BLOCKS, ResNet

FULL = NetworkConfig((256, 1024), dropout=0.2, kind="paper")
SMALL = NetworkConfig((32, 64), hidden=8, kind="paper", paper=PaperConfig("resnet18", 8, 1, 4, 8))


def inputs(size=(32, 64), batch=2):
    g = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (batch, *size, 3), dtype=torch.uint8, generator=g)
    lidar = torch.rand(batch, 5, *size, generator=g) * 30
    return image, lidar * (torch.rand(batch, 1, *size, generator=g) < 0.3)


def test_is_as_large_as_published():
    with torch.device("meta"):
        network = PaperFusion(14, FULL)
    count, operations = parameters(network), operations_by_part(network)
    print(f"{count / 1e6:.2f} M parameters, { ({k: round(v / 1e9, 2) for k, v in operations.items()}) } GMAC")
    assert count / 1e6 == pytest.approx(28.1, abs=0.1)
    assert parameters(network.lidar) / 1e6 == pytest.approx(6.7, abs=0.05)
    assert operations["whole"] / 1e9 == pytest.approx(202.6, rel=0.005)


@pytest.mark.parametrize(("stride", "expected"), [(1, 140.7), (2, 34.6)])
def test_the_camera_stream_costs_what_the_base_says(stride, expected):
    with torch.device("meta"):
        network = PaperFusion(14, replace(FULL, size=(384, 1248), paper=PaperConfig(stem_stride=stride)))
    per_pixel = operations_by_part(network)["camera"] / 1e9 / 1248
    assert per_pixel * 1232 == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("stride", [1, 2])
def test_features_are_of_the_inputs_size(stride):
    torch.manual_seed(0)
    network = PaperFusion(4, replace(SMALL, paper=replace(SMALL.paper, stem_stride=stride))).eval()
    camera, lidar = network.features(*inputs())
    assert camera.shape == (2, 4, 32, 64)
    assert lidar.shape == (2, 8, 32, 64)
    assert (network.camera_channels, network.lidar_channels) == SMALL.widths == (4, 8)
    assert network(*inputs()).shape == (2, 4, 32, 64)


def test_unimodal_heads_are_there_when_asked_for():
    network = PaperFusion(4, replace(SMALL, unimodal_heads=True))
    camera, lidar = network.features(*inputs())
    assert network.camera_head(camera).shape == network.lidar_head(lidar).shape == (2, 4, 32, 64)
    assert not hasattr(PaperFusion(4, SMALL), "camera_head")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": (40, 64)}, "expected multiples of 16"),
        ({"size": (48, 64), "paper": PaperConfig("resnet18", 8, 2)}, "expected multiples of 32"),
        ({"paper": PaperConfig("resnet50")}, r"backbone 'resnet50' .* one of \['resnet18', 'resnet34'\]"),
        ({"paper": PaperConfig(stem_stride=4)}, "stem_stride 4"),
    ],
)
def test_what_cannot_be_built_is_refused(change, message):
    with pytest.raises(InputError, match=message), torch.device("meta"):
        PaperFusion(4, replace(SMALL, **change))


def published_names(blocks):
    """torchvision's names and shapes of a residual network at full width, written out."""
    shapes = {"conv1.weight": (64, 3, 7, 7), "fc.weight": (1000, 512), "fc.bias": (1000,)}
    norms = ["bn1"]
    for stage, count in enumerate(blocks):
        width = 64 << stage
        for block in range(count):
            name, inputs = f"layer{stage + 1}.{block}", width // 2 if stage and not block else width
            shapes |= {f"{name}.conv1.weight": (width, inputs, 3, 3), f"{name}.conv2.weight": (width, width, 3, 3)}
            norms += [f"{name}.bn1", f"{name}.bn2"]
            if inputs != width:
                shapes[f"{name}.downsample.0.weight"] = (width, inputs, 1, 1)
                norms.append(f"{name}.downsample.1")
    for norm in norms:
        width = 64 if norm == "bn1" else 64 << (int(norm[5]) - 1)
        shapes |= {f"{norm}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")}
    return shapes


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_imagenet_weights_load_under_their_published_names(name, suffix, tmp_path):
    g = torch.Generator().manual_seed(0)
    weights = {key: torch.rand(shape, generator=g) for key, shape in published_names(BLOCKS[name]).items()}
    path = tmp_path / f"{name}.{suffix}"
    save_file(weights, path) if suffix == "safetensors" else torch.save(weights, path)
    backbone = ResNet(BLOCKS[name], stem_stride=1)
    load_backbone(path, backbone)
    loaded = backbone.state_dict()
    assert {k for k in loaded if not k.endswith("num_batches_tracked")} == {k for k in weights if k[:3] != "fc."}
    assert all(torch.equal(loaded[k], v) for k, v in weights.items() if k[:3] != "fc.")


class Payload:
    """Runs code when unpickled."""

    def __reduce__(self):
        return eval, ("__import__('pathlib').Path('ran').touch()",)


def test_files_that_are_no_weights_are_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    backbone = ResNet(BLOCKS["resnet18"], 8)
    good = backbone.state_dict()
    torch.save({"conv1.weight": Payload()}, tmp_path / "trap.pth")
    (tmp_path / "old.pth").write_bytes(pickle.dumps(Payload()))
    torch.save(backbone, tmp_path / "module.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save(good | {"layer5.weight": torch.zeros(1)}, tmp_path / "more.pth")
    torch.save(good | {"conv1.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "other.pth")
    (tmp_path / "noise.safetensors").write_bytes(b"not weights")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "other.pth").read_bytes()[:5000])
    for name in ("trap.pth", "old.pth", "module.pth"):
        with pytest.raises(InputError, match=rf"{name} is no file of weights alone"):
            load_backbone(tmp_path / name, backbone)
    for name in ("noise.safetensors", "cut.pth", "none.pth"):
        with pytest.raises(InputError, match=rf"{name} cannot be read as weights"):
            load_backbone(tmp_path / name, backbone)
    with pytest.raises(InputError, match=r"list\.pth holds more than tensors"):
        load_backbone(tmp_path / "list.pth", backbone)
    with pytest.raises(InputError, match=r"more\.pth does not fit .*layer5\.weight"):
        load_backbone(tmp_path / "more.pth", backbone)
    with pytest.raises(InputError, match=r"other\.pth does not fit .*conv1\.weight"):
        load_backbone(tmp_path / "other.pth", backbone)
    assert not (tmp_path / "ran").exists()
