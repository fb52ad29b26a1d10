"""The command line: friendly refusals, and pictures."""

import cv2
import pytest

from simulation.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dataset", "--out", "x", "--split", "holdout", "--scenes", "1"], "invalid choice: 'holdout'"),
        (["dataset", "--out", "x", "--split", "val", "--scenes", "0"], "expected 1 or more"),
        (["dataset", "--out", "x", "--split", "val", "--scenes", "1", "--rig", "sonar"], "rig 'sonar' does not exist"),
        (["bag", "--out", "x", "--weather", "hail"], "invalid choice: 'hail'"),
        (["bag", "--out", "x", "--seconds", "60"], "streets end"),
        (["bag", "--out", "x", "--seed", "-1"], "expected 0 or more"),
        ([], "arguments are required: command"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_expected(arguments, said, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["dataset", "--out", str(tmp_path / "file"), "--split", "val", "--scenes", "1"]) == 2
    assert main(["bag", "--out", str(tmp_path / "file" / "bag")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and all(line.startswith("error: ") and "cannot be written" in line for line in said)


def test_an_audit_of_nothing_is_refused(tmp_path, capsys):
    assert main(["audit", "--known", str(tmp_path), "--test", str(tmp_path)]) == 2
    assert "write a split there" in capsys.readouterr().err


def test_a_sheet_is_a_picture_of_its_rows(tmp_path):
    out = tmp_path / "sheet.png"
    assert main(["sheet", "--out", str(out), "--rows", "2", "--seed", "1", "--rig", "kitti"]) == 0
    assert cv2.imread(str(out)).shape == (2 * 192, 2 * 640, 3)
