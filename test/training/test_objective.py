"""The objective is the paper's sum, taken where there is a labelled point and nowhere else."""

import pytest
import torch

from training.config import Config, OptimiserConfig
from training.data.cells import at_cells, features_under
from training.losses.config import CrossModalConfig, LossConfig, SynthesisConfig
from training.losses.cross_modal import a2d, xmuda
from training.losses.objective import Objective
from training.losses.points import bounded_energy, focal, lovasz_softmax, negative_entropy, unit_logits
from training.models.compact import CompactFusion
from training.models.config import NetworkConfig
from training.models.layers import double
from training.outliers.feature_mixing import feature_mixing

SIZE = (32, 64)
ALPHA = torch.tensor([0.3, 0.6, 1.0])


def objective(bf16=False, bounded=LossConfig(), cross_modal=CrossModalConfig(), **synthesis):  # noqa: B008
    torch.manual_seed(0)
    shape = NetworkConfig(SIZE, (4, 6, 8, 8), (1, 1, 1), 6, 8, unimodal_heads=cross_modal.method != "none")
    config = Config(
        network=shape,
        optimiser=OptimiserConfig(precision="bf16" if bf16 else "fp32"),
        loss=bounded,
        synthesis=SynthesisConfig(**{"method": "feature_mixing", "n": 4} | synthesis),
        cross_modal=cross_modal,
    )
    network = CompactFusion(3, shape, ([120.0] * 3, [70.0] * 3))
    return Objective(network.eval(), ALPHA, config)


def labelled_rows(logits, target):
    return logits.permute(0, 2, 3, 1)[target < 254]


@pytest.mark.parametrize("draw", ["batch", "block"])
@pytest.mark.parametrize("class_weighted", [False, True])
def test_against_the_sum_written_out(sample, draw, class_weighted):
    o = objective(draw=draw, class_weighted=class_weighted, points=0)
    torch.manual_seed(7)
    losses = o(sample, 3.0)
    y = sample["target"][sample["target"] < 254].long()
    z = labelled_rows(o.network(sample["image"], sample["lidar"]), sample["target"])
    torch.manual_seed(7)
    mixed = feature_mixing(o.network.features(sample["image"], sample["lidar"]), 4, draw)
    outliers = labelled_rows(double(o.network.head(mixed)), sample["target"])
    entropy = negative_entropy(outliers, ALPHA[y] if class_weighted else None)
    torch.testing.assert_close(losses["focal"], focal(z, y, ALPHA))
    torch.testing.assert_close(losses["lovasz"], lovasz_softmax(z, y))
    torch.testing.assert_close(losses["entropy"], entropy)
    torch.testing.assert_close(losses["total"], focal(z, y, ALPHA) + lovasz_softmax(z, y) + 3 * entropy)


@pytest.mark.parametrize("draw", ["batch", "block", "sample"])
def test_chosen_points_bear_the_loss_with_the_features_under_them(sample, draw):
    """As many points as there are: all features under them, each once, mixed by the draw."""
    o = objective(draw=draw, points=10**6)
    torch.manual_seed(7)
    entropy = o(sample, 1.0)["entropy"]
    torch.manual_seed(7)
    cells = (sample["target"].flatten() < 254).nonzero()[:, 0]
    streams = o.network.features(sample["image"], sample["lidar"])
    if draw == "sample":
        torch.randperm(len(cells))  # points are chosen before samples draw
    mixed = features_under(feature_mixing(streams, 4, draw), cells, SIZE)
    torch.testing.assert_close(entropy, negative_entropy(o.network.head(mixed[:, :, None, None])[:, :, 0, 0]))
    fewer = objective(draw=draw, points=200)
    some = [fewer(sample, 1.0)["entropy"].item() for _ in range(20)]
    assert len(set(some)) == 20
    assert sum(some) / 20 == pytest.approx(entropy.item(), abs=0.05)


def test_logit_norm_bounds_the_loss_of_known_points(sample):
    o = objective(bounded=LossConfig("logit_norm", 0.1))
    z = labelled_rows(o.network(sample["image"], sample["lidar"]), sample["target"])
    y = sample["target"][sample["target"] < 254].long()
    losses = o(sample, 0.0)
    torch.testing.assert_close(losses["focal"], focal(unit_logits(z, 0.1), y, ALPHA))
    torch.testing.assert_close(losses["total"], losses["focal"] + lovasz_softmax(unit_logits(z, 0.1), y))


def test_focal_gamma_zero_is_a_weighted_cross_entropy(sample):
    o = objective(bounded=LossConfig(focal_gamma=0.0))
    z = labelled_rows(o.network(sample["image"], sample["lidar"]), sample["target"])
    y = sample["target"][sample["target"] < 254].long()
    per_point = torch.nn.functional.cross_entropy(z, y, reduction="none")
    torch.testing.assert_close(o(sample, 0.0)["focal"], (ALPHA[y] * per_point).mean())


def test_energy_takes_the_place_of_entropy(sample):
    o = objective(loss="energy", margins=(-4.0, -1.0), points=0)
    torch.manual_seed(7)
    losses = o(sample, 0.5)
    torch.manual_seed(7)
    streams = o.network.features(sample["image"], sample["lidar"])
    known, outliers = (
        labelled_rows(double(o.network.head(f)), sample["target"])
        for f in (torch.cat(streams, 1), feature_mixing(streams, 4))
    )
    assert "entropy" not in losses
    torch.testing.assert_close(losses["energy"], bounded_energy(known, outliers, (-4.0, -1.0)))
    torch.testing.assert_close(losses["total"], losses["focal"] + losses["lovasz"] + 0.5 * losses["energy"])


@pytest.mark.parametrize(("method", "between"), [("a2d", a2d), ("xmuda", lambda c, p, y: xmuda(c, p))])
def test_cross_modal_terms_against_the_sum_written_out(sample, method, between):
    o = objective(cross_modal=CrossModalConfig(method, weight=0.7, points=0, supervision=0.4))
    losses = o(sample, 0.0)
    y = sample["target"][sample["target"] < 254].long()
    camera, points = o.network.features(sample["image"], sample["lidar"])
    c = labelled_rows(double(o.network.camera_head(camera)), sample["target"])
    p = labelled_rows(double(o.network.lidar_head(points)), sample["target"])
    own = sum(focal(z, y, ALPHA) + lovasz_softmax(z, y) for z in (c, p))
    torch.testing.assert_close(losses["cross_modal"], between(c, p, y))
    torch.testing.assert_close(losses["unimodal"], own)
    total = losses["focal"] + losses["lovasz"] + 0.7 * between(c, p, y) + 0.4 * own
    torch.testing.assert_close(losses["total"], total)


def test_chosen_points_bear_the_cross_modal_terms(sample):
    """As many points as there are: the features under them; fewer: other points each time."""
    o = objective(cross_modal=CrossModalConfig("a2d", points=10**6))
    losses = o(sample, 0.0)
    cells = (sample["target"].flatten() < 254).nonzero()[:, 0]
    y = sample["target"].flatten()[cells].long()
    streams = o.network.features(sample["image"], sample["lidar"])
    c, p = (
        head(features_under(f, cells, SIZE)[:, :, None, None])[:, :, 0, 0]
        for head, f in zip((o.network.camera_head, o.network.lidar_head), streams, strict=True)
    )
    torch.testing.assert_close(losses["cross_modal"], a2d(c, p, y))
    torch.testing.assert_close(losses["unimodal"], sum(focal(z, y, ALPHA) + lovasz_softmax(z, y) for z in (c, p)))
    fewer = objective(cross_modal=CrossModalConfig("a2d", points=200))
    some = [fewer(sample, 0.0)["cross_modal"].item() for _ in range(20)]
    assert len(set(some)) == 20
    assert sum(some) / 20 == pytest.approx(losses["cross_modal"].item(), abs=0.02)


def test_rows_of_a_map_are_those_of_its_cells():
    g = torch.Generator().manual_seed(0)
    maps = torch.randn(2, 5, 4, 6, generator=g)
    cells = torch.randperm(2 * 8 * 12, generator=g)[:50]
    b, y, x = cells // 96, cells // 12 % 8, cells % 12
    assert torch.equal(features_under(maps, cells, (8, 12)), maps[b, :, y // 2, x // 2])
    torch.testing.assert_close(at_cells(maps, cells, (8, 12)), double(maps)[b, :, y, x])
    assert torch.equal(
        at_cells(maps, cells[cells < 48], (4, 6)), maps.permute(0, 2, 3, 1).flatten(0, 2)[cells[cells < 48]]
    )


@pytest.mark.parametrize("choice", ["variance", "weight", "gradient"])
def test_chosen_channels_change_the_outliers_and_pass_gradients(sample, choice):
    def entropy(**synthesis):
        o = objective(points=0, **synthesis)
        torch.manual_seed(3)
        loss = o(sample, 1.0)["entropy"]
        loss.backward()
        assert o.network.camera.stem[0][0].weight.grad.abs().sum() > 0
        return loss.item()

    assert entropy(choice=choice) != entropy()


@pytest.mark.parametrize("method", ["mixup", "cross_pair", "feature_mixing"])
def test_methods_by_point_train_both_streams(sample, method):
    o = objective(method=method, draw="point", points=60)
    o(sample, 1.0)["entropy"].backward()
    for stream in (o.network.camera, o.network.lidar):
        assert stream.stem[0][0].weight.grad.abs().sum() > 0


@pytest.mark.parametrize("method", ["vos", "npos", "np_mix"])
def test_methods_with_a_memory_train_the_head_once_it_is_full(sample, method):
    o = objective(method=method)
    seen = []
    while not len(seen) or seen[-1] == 0:
        losses = o(sample, 1.0)
        seen.append(losses["entropy"].item())
        assert len(seen) < 20
    assert seen[-1] >= -torch.log(torch.tensor(3.0)).item() - 1e-5
    losses["entropy"].backward()
    assert o.network.classifier[0].weight.grad.abs().sum() > 0
    assert o.network.camera.stem[0][0].weight.grad is None


@pytest.mark.parametrize("method", ["vos", "npos", "np_mix"])
def test_memories_fill_before_the_term_starts(sample, method):
    o = objective(method=method)
    o(sample, 0.0)
    assert o.outliers.memory.queues.pushed.sum() == (sample["target"] < 254).sum()


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


@pytest.mark.parametrize("cross_modal", ["none", "a2d"])
def test_a_batch_without_labels_teaches_nothing(sample, cross_modal):
    o = objective(cross_modal=CrossModalConfig(cross_modal))
    names = set(o(sample, 1.0))
    sample["target"][:] = 255
    losses = o(sample, 1.0)
    losses["total"].backward()
    assert set(losses) == names
    assert losses["total"].item() == 0
    assert all(p.grad is not None for p in o.network.parameters()), "or processes would wait for each other"
    assert all((p.grad == 0).all() for p in o.network.parameters())
