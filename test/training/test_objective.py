"""The objective is the paper's sum, taken where there is a labelled point and nowhere else."""

import pytest
import torch

from training.config import FeatureMixingConfig
from training.feature_mixing import feature_mixing
from training.losses import focal, lovasz_softmax, negative_entropy
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig
from training.models.layers import double
from training.objective import Objective

SIZE = (32, 64)
ALPHA = torch.tensor([0.3, 0.6, 1.0])


@pytest.fixture
def sample():
    g = torch.Generator().manual_seed(0)
    lidar = torch.rand(2, 5, *SIZE, generator=g) * (torch.rand(2, 1, *SIZE, generator=g) < 0.3)
    target = torch.randint(0, 3, (2, *SIZE), generator=g, dtype=torch.uint8)
    target[torch.rand(2, *SIZE, generator=g) < 0.7] = 255
    target[0, :4] = 254
    return {
        "image": torch.randint(0, 256, (2, *SIZE, 3), generator=g, dtype=torch.uint8),
        "lidar": lidar,
        "target": target,
    }


def objective(bf16=False, **mixing):
    torch.manual_seed(0)
    network = CompactFusion(3, NetworkConfig(SIZE, (4, 6, 8, 8), (1, 1, 1), 6, 8), ([120.0] * 3, [70.0] * 3))
    return Objective(network.eval(), ALPHA, FeatureMixingConfig(enabled=True, n=4, **mixing), bf16)


@pytest.mark.parametrize("per_sample", [False, True])
@pytest.mark.parametrize("class_weighted", [False, True])
def test_against_the_sum_written_out(sample, per_sample, class_weighted):
    o = objective(per_sample=per_sample, class_weighted=class_weighted)
    torch.manual_seed(7)
    losses = o(sample, 3.0)
    labelled = sample["target"] < 254
    y = sample["target"][labelled].long()

    def rows(logits):
        return logits.permute(0, 2, 3, 1)[labelled]

    z = rows(o.network(sample["image"], sample["lidar"]))
    torch.manual_seed(7)
    mixed = feature_mixing(*o.network.features(sample["image"], sample["lidar"]), 4, per_sample)
    entropy = negative_entropy(rows(double(o.network.head(mixed))), ALPHA[y] if class_weighted else None)
    torch.testing.assert_close(losses["focal"], focal(z, y, ALPHA))
    torch.testing.assert_close(losses["lovasz"], lovasz_softmax(z, y))
    torch.testing.assert_close(losses["entropy"], entropy)
    torch.testing.assert_close(losses["total"], focal(z, y, ALPHA) + lovasz_softmax(z, y) + 3 * entropy)


def test_unknown_and_empty_cells_are_never_trained_on(sample):
    o = objective()
    before = o(sample, 0.0)["total"]
    sample["target"][sample["target"] == 254] = 255
    torch.testing.assert_close(o(sample, 0.0)["total"], before)


def test_detached_outliers_train_the_head_alone(sample):
    def gradient(**mixing):
        o = objective(**mixing)
        torch.manual_seed(1)
        (o(sample, 1.0)["entropy"]).backward()
        return o.network

    assert gradient(detach=True).camera.stem[0][0].weight.grad is None
    assert gradient(detach=True).classifier[0].weight.grad.abs().sum() > 0
    assert gradient().camera.stem[0][0].weight.grad.abs().sum() > 0
    assert gradient().lidar.stem[0][0].weight.grad.abs().sum() > 0


def test_bf16_streams_stay_near_and_finite(sample):
    exact, rounded = (objective(bf16)(sample, 1.0)["total"] for bf16 in (False, True))
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, rtol=0.02, atol=0.02)


def test_a_batch_without_labels_teaches_nothing(sample):
    o = objective()
    sample["target"][:] = 255
    total = o(sample, 1.0)["total"]
    total.backward()
    assert total.item() == 0
    assert all(p.grad is None or (p.grad == 0).all() for p in o.network.parameters())
