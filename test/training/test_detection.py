"""The detection track on generated features: from files to a table, and what is refused."""

import json

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import SCORES
from training.__main__ import main
from training.studies.detection.features import Features, read_features
from training.studies.detection.outliers import FeatureOutliers
from training.studies.detection.settings import METHODS, DetectionConfig
from training.studies.detection.splits import SPLITS, far_files, near_split
from training.studies.detection.track import judge, train_heads

WIDTHS = (48, 32)
CENTRES = torch.randn(12, sum(WIDTHS), generator=torch.Generator().manual_seed(0))


def clips(name, classes, per_class, seed, noise=0.8):
    """Gaussian clouds around centres that the classes share over all sets; labels count from 0."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(classes)).repeat_interleave(per_class)
    features = CENTRES[list(classes)][labels] + noise * torch.randn(len(labels), sum(WIDTHS), generator=generator)
    return Features(name, *features.split(WIDTHS, 1), labels)


def save(folder, features):
    path = folder / f"{features.name}.npz"
    np.savez(path, video=features.video.numpy(), flow=features.flow.numpy(), labels=features.labels.numpy())
    return path


@pytest.fixture(scope="module")
def sets():
    return clips("known", range(5), 40, 1), clips("known_test", range(5), 20, 2), clips("strange", range(5, 12), 20, 3)


def settings(**changes):
    return DetectionConfig(**{"epochs": 8, "learning_rate": 1e-3, "n": 12, "queue": 30, **changes})


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_the_known_and_finds_the_unknown(sets, method):
    known, test, strange = sets
    result = judge(train_heads(known, settings(method=method)), test, [strange], ["max_logit", "energy"])
    assert result["accuracy"]["fused"] > 0.95
    assert min(result["accuracy"].values()) > 0.6
    assert result["sets"]["strange"]["max_logit"]["auroc"] > 0.8


@pytest.mark.parametrize("method", ["mixup", "feature_mixing", "np_mix"])
def test_outliers_are_less_certain_for_having_been_trained_on(sets, method):
    known = sets[0]
    outliers = FeatureOutliers(settings(method=method), known.classes, known.widths)
    outliers(known.streams, known.labels)
    torch.manual_seed(5)
    made = outliers(known.streams, known.labels)

    def entropy(config):
        return float(SCORES["entropy"](train_heads(known, config).fused(made).detach().T.numpy()).mean())

    longer = {"epochs": 20}
    assert entropy(settings(method=method, gamma1=1.0, **longer)) > entropy(settings(**longer)) + 0.05


@pytest.mark.parametrize("cross_modal", ["a2d", "xmuda"])
def test_losses_between_the_modalities_do_what_they_say(sets, cross_modal):
    """A2D drives the two predictions apart beside the true class, xMUDA brings them together."""
    known = sets[0]

    def apart(config):
        _, video, flow = train_heads(known, config)(*known.streams)
        hidden = torch.nn.functional.one_hot(known.labels, known.classes).bool()
        p, q = (z.masked_fill(hidden, -torch.inf).softmax(1) for z in (video, flow))
        return float((p - q).abs().sum(1).mean().detach())

    plain, with_loss = apart(settings()), apart(settings(cross_modal=cross_modal, gamma2=2.0))
    assert with_loss > plain if cross_modal == "a2d" else with_loss < plain


def test_scores_against_scikit_learn(sets):
    known, test, strange = sets
    heads = train_heads(known, settings())
    result = judge(heads, test, [strange], list(SCORES))
    with torch.no_grad():
        logits = torch.cat([heads(*test.streams)[0], heads(*strange.streams)[0]])
    truth = np.arange(len(logits)) >= len(test)
    for name, score in SCORES.items():
        found = result["sets"]["strange"][name]
        assert found["auroc"] == pytest.approx(roc_auc_score(truth, score(logits.T.numpy())), abs=1e-3), name


def test_a_seed_gives_the_same_heads(sets):
    one, two, other = (train_heads(sets[0], settings(method="vos", epochs=2, seed=s)) for s in (0, 0, 1))
    assert torch.equal(one.fused.weight, two.fused.weight)
    assert not torch.equal(one.fused.weight, other.fused.weight)


def test_splitting_takes_a_share_of_every_class(sets):
    train, held = sets[0].split(0.25, seed=0)
    assert train.labels.bincount().tolist() == [30] * 5
    assert held.labels.bincount().tolist() == [10] * 5
    rows = torch.cat([train.video, held.video])
    assert len(torch.unique(rows, dim=0)) == len(sets[0])


def test_near_splits_are_multioods():
    counts = {name: tuple(split.values()) for name, split in SPLITS["near"].items()}
    assert counts == {"EPIC-Kitchens": (4, 4), "HMDB51": (25, 26), "UCF101": (50, 51), "Kinetics-600": (129, 100)}
    known, rest = near_split(clips("EPIC-Kitchens", range(8), 5, 0), "EPIC-Kitchens")
    assert (known.classes, len(known), len(rest)) == (4, 20, 20)
    with pytest.raises(InputError, match=r"has 8 classes, expected 25 \+ 26"):
        near_split(clips("a", range(8), 5, 0), "HMDB51")


def test_far_sets_lie_beside_the_known_one(tmp_path):
    for name in ("UCF101", "EPIC-Kitchens", "HAC"):
        save(tmp_path, clips(name, range(2), 3, 0))
    with pytest.raises(InputError, match=r"Kinetics-600\.npz is missing"):
        far_files(tmp_path / "HMDB51.npz", "HMDB51")
    save(tmp_path, clips("Kinetics-600", range(2), 3, 0))
    assert [p.stem for p in far_files(tmp_path / "HMDB51.npz", "HMDB51")] == SPLITS["far"]["HMDB51"]


def test_the_command(tmp_path, sets, capsys):
    known, test, strange = (save(tmp_path, s) for s in sets)
    out = tmp_path / "result.json"
    options = ["--set", "method=feature_mixing", "--set", "n=12", "--set", "epochs=3", "--out", str(out)]
    assert main(["detection", "--id", str(known), "--test", str(test), "--ood", str(strange), *options]) == 0
    assert "feature_mixing" in capsys.readouterr().out
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["settings"]["n"] == 12
    assert set(written["sets"]["strange"]) == set(SCORES)
    assert main(["detection", "--id", str(known)]) == 1
    assert "no unknown clips are given" in capsys.readouterr().err
    assert main(["detection", "--id", str(known), "--ood", str(strange), "--set", "method=feature_mixing"]) == 1
    assert "n = 512 channels" in capsys.readouterr().err


def test_pickled_files_are_refused(tmp_path, sets):
    path = tmp_path / "evil.npz"
    np.savez(path, video=np.array([{"a": 1}], object), flow=np.zeros((1, 2)), labels=np.zeros(1, int))
    with pytest.raises(InputError, match=r"evil\.npz cannot be read as plain arrays .*pickled files are refused"):
        read_features(path)
    path.write_bytes(b"\x80\x04\x95")
    with pytest.raises(InputError, match=r"evil\.npz cannot be read as plain arrays"):
        read_features(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(InputError, match=r"one\.npy cannot be read as plain arrays"):
        read_features(tmp_path / "one.npy")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"labels": np.zeros(3, int)}, "of the same clips"), ({"labels": np.zeros(2)}, "whole ones from 0 on"),
     ({"labels": np.array([0, -1])}, "whole ones from 0 on"), ({"flow": np.full((2, 3), np.nan)}, "finite floats"),
     ({"video": np.zeros((2, 9))}, "expected 4 and 3 channels")],
)  # fmt: skip
def test_broken_features_are_named(tmp_path, change, words):
    path = tmp_path / "a.npz"
    np.savez(path, **{"video": np.zeros((2, 4)), "flow": np.zeros((2, 3)), "labels": np.zeros(2, int), **change})
    with pytest.raises(InputError, match=rf"a\.npz has .*{words}"):
        read_features(path, (4, 3))


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "a.npz", video=np.zeros((2, 4)))
    with pytest.raises(InputError, match=r"a\.npz lacks the array 'flow'"):
        read_features(tmp_path / "a.npz")
