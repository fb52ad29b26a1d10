"""The shortcut test: simple cues must not tell unknown objects, and the audit must notice if they do."""

import shutil

import numpy as np

from simulation.__main__ import main
from simulation.audit import CUES, LIMIT, audit
from simulation.unknown import OTHER_OBJECT


def test_no_simple_cue_tells_unknown_objects(splits, capsys):
    verdicts, share = audit(splits / "train", splits / "test", points=12_000)
    assert [v.cue for v in verdicts] == list(CUES)
    assert all(v.auroc < LIMIT for v in verdicts), verdicts
    assert 0.01 < share < 0.06


def test_a_planted_shortcut_is_noticed(splits, tmp_path, capsys):
    known, test = tmp_path / "known/sequences", tmp_path / "test/sequences"
    for i in range(2):
        shutil.copytree(splits / f"train/sequences/{i:02d}", known / f"{i:02d}")
        shutil.copytree(splits / f"test/sequences/{i:02d}", test / f"{i:02d}")
        labels = np.fromfile(test / f"{i:02d}/labels/000000.label", "<u4") & 0xFFFF
        cloud = np.fromfile(test / f"{i:02d}/velodyne/000000.bin", "<f4").reshape(-1, 4)
        cloud[labels == OTHER_OBJECT, 3] = 0.95
        cloud.tofile(test / f"{i:02d}/velodyne/000000.bin")
    assert main(["audit", "--known", str(known.parent), "--test", str(test.parent)]) == 1
    printed = capsys.readouterr().out
    assert "too easy" in next(line for line in printed.splitlines() if line.startswith("intensity"))
