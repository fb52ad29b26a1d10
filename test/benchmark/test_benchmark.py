"""The benchmark measures what it says, and its forms of Feature Mixing agree."""

import json
from time import perf_counter, sleep

import numpy as np
import pytest
import torch

from benchmark.__main__ import main
from benchmark.aims import aims
from benchmark.graph import LOGITS, NAIVE, NaiveVerdicts
from benchmark.measure import medians, profiled
from benchmark.outlier_synthesis import COPY, IN_THE_HEAD, NP_MIX, ONE_PERMUTATION, QUICK, Batch, logits, synthesis
from export.graph import Exported
from fm_ood_ros.judgement.scores import confidence, entropy
from training.models.config import NetworkConfig
from training.models.layers import enlarge
from training.models.network import NETWORKS


def test_the_command_prints_tables_and_writes_json(tmp_path, capsys):
    assert main(["outliers", "--quick", "--rounds", "1", "--out", str(tmp_path / "b.json")]) == 0
    result = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert [s["shape"] for s in result["outlier_synthesis"]] == list(map(str, QUICK))
    printed = capsys.readouterr().out
    for row in [r for s in result["outlier_synthesis"] for r in s["methods"]]:
        assert row["ms"] > 0
        assert row["method"] in printed
    assert result["training_step"]["presets"][0]["preset"] == "late_fusion"
    rows = result["graph"]["rows"]
    assert [(r["graph"], r["spinning"]) for r in rows] == [(g, s) for g in (NAIVE, LOGITS) for s in (True, False)]
    assert rows[0]["ratio"] == 1 and all(r["cpu_ms"] > 0 and r["graph"] in printed for r in rows)


def test_calls_take_turns_and_long_ones_fewer():
    turns = []

    def quick():
        turns.append("quick")

    def slow():
        turns.append("slow")
        sleep(0.03)

    start = perf_counter()
    found = medians({"slow": slow, "quick": quick}, rounds=5, at_least=0, at_most=0.1)
    assert found["slow"] > 0.03 > found["quick"]
    assert turns[4:8] == ["slow", "quick"] * 2, "after two calls of each to begin with"
    assert (turns.count("slow"), turns.count("quick")) == (5, 7)
    assert perf_counter() - start < 2


def test_the_graphs_that_are_compared_say_the_same():
    torch.manual_seed(0)
    network = NETWORKS["trimodal"](14, NetworkConfig((32, 64), kind="trimodal", normalise="layer")).eval()
    image, lidar = torch.randint(0, 256, (1, 32, 64, 3), dtype=torch.uint8), torch.rand(1, 5, 32, 64) * 30
    with torch.no_grad():
        class_id, probability, strange = NaiveVerdicts(network)(image, lidar)
        logits = Exported(network)(image, lidar)
    assert logits.shape == (1, 14, 16, 32)
    enlarged = enlarge(logits, (32, 64))[0].numpy()
    np.testing.assert_array_equal(class_id[0], enlarged.argmax(0))
    np.testing.assert_allclose(probability[0], confidence(enlarged), atol=2e-6, rtol=0)
    np.testing.assert_allclose(strange[0], entropy(enlarged), atol=2e-6, rtol=0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="counts the memory of the CPU")
def test_peak_memory_is_that_of_the_tensors():
    x = torch.zeros(250_000)
    assert profiled(lambda: x.clone())[0] == pytest.approx(1e6, rel=0.01)
    assert profiled(lambda: x.clone() + x.clone())[0] == pytest.approx(3e6, rel=0.01)
    assert profiled(lambda: [x.clone() for _ in range(5)].clear())[0] == pytest.approx(5e6, rel=0.01)
    assert "aten::mm" in profiled(lambda: torch.ones(300, 300) @ torch.ones(300, 300))[1]


@pytest.mark.parametrize("shape", QUICK, ids=str)
def test_what_is_timed_is_what_is_meant(shape):
    batch = Batch(shape, "cpu")
    for name, call in synthesis(batch).items():
        outliers = call()
        if name == IN_THE_HEAD:
            assert outliers.shape == batch.head.weight.shape
        elif name in ("VOS", "NPOS", NP_MIX):
            assert outliers.shape == (shape.points, sum(shape.widths))
        else:
            assert outliers.shape == batch.features.shape
            assert torch.equal(outliers, batch.features) == (name == COPY)
    results = []
    for name, call in logits(batch).items():
        torch.manual_seed(3)
        if name.startswith("FM"):
            results.append(call())
    for other in results[1:]:
        torch.testing.assert_close(other, results[0], atol=1e-5, rtol=1e-4)


def test_an_aim_is_reached_or_missed_with_what_bounds_it():
    def shape(np_mix):
        rows = {COPY: 10.0, ONE_PERMUTATION: 15.0, IN_THE_HEAD: 0.1, NP_MIX: np_mix}
        return {
            "task": "segmentation",
            "methods": [
                {"method": name, "ms": ms, "copies": ms / 10, "operators": {"aten::x": 0.5}}
                for name, ms in rows.items()
            ],
        }

    ratios = (("late_fusion", 1.0), ("feature_mixing_a", 1.05), ("feature_mixing_b", 1.2), ("vos", 3.0))
    steps = [{"preset": p, "ratio": r, "operators": {}} for p, r in ratios]
    found = {aim["aim"]: aim for aim in aims([shape(100.0)], steps)}
    reached = {name: aim["reached"] for name, aim in found.items()}
    assert reached == {
        f"segmentation: NP-Mix / {ONE_PERMUTATION}": False,
        f"segmentation: {ONE_PERMUTATION} / one copy": True,
        f"segmentation: NP-Mix / {IN_THE_HEAD}": True,
        f"segmentation: {IN_THE_HEAD} / one copy": True,
        "training step: feature_mixing_a / late fusion": True,
        "training step: feature_mixing_b / late fusion": False,
    }
    assert found[f"segmentation: NP-Mix / {IN_THE_HEAD}"]["found"] == pytest.approx(1000)
