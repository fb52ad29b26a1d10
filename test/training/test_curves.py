"""Charts show what the logs say, and the command names what it cannot draw."""

import cv2
import numpy as np
import pytest

from training.__main__ import main
from training.evaluate.plot import BOTTOM, COLOURS, LEFT, RIGHT, TOP, chart, sheet


def places(picture, colour):
    """Rows and columns of the pixels that are nearer to this colour than to white or black."""
    return np.nonzero((np.abs(picture.astype(int) - colour).sum(2)) < 40)


def test_a_line_lies_where_its_values_are():
    picture = chart("loss", {"a": ([0, 50, 100], [0.0, 1.0, 0.0])}, (200, 400))
    rows, columns = places(picture, COLOURS[0])
    peak = columns[rows == rows.min()].mean()
    assert rows.min() == TOP
    assert rows.max() == pytest.approx(200 - BOTTOM, abs=1)
    assert peak == pytest.approx((LEFT + 400 - RIGHT) / 2, abs=2)


def test_runs_have_their_own_colours_and_gaps_are_left_out():
    lines = {"a": ([0, 1], [0.0, 0.0]), "b": ([0, 1, 2], [1.0, np.nan, 1.0]), "c": ([], [])}
    picture = chart("loss", lines, (200, 400))
    assert len(places(picture, COLOURS[0])[0]) > 100
    assert len(places(picture, COLOURS[1])[0]) > 100
    assert not len(places(picture, COLOURS[2])[0])


def test_charts_are_laid_out_row_by_row():
    charts = [np.full((10, 20, 3), i, np.uint8) for i in range(3)]
    page = sheet(charts)
    assert page.shape == (20, 40, 3)
    assert [page[0, 0, 0], page[0, 39, 0], page[19, 0, 0], page[19, 39, 0]] == [0, 1, 2, 255]


def test_the_command(run, tmp_path, capsys):
    out = tmp_path / "picture.png"
    assert main(["curves", "--run", str(run.path), "--out", str(out)]) == 0
    picture = cv2.imread(str(out))
    assert picture.shape == (4 * 300, 2 * 480, 3), "four losses, rate, and two times in seven charts"
    assert main(["curves", "--run", str(tmp_path)]) == 1
    assert "has no lines in log.jsonl yet" in capsys.readouterr().err
    assert main(["curves", "--run", str(run.path), "--out", str(tmp_path / "none" / "x.png")]) == 1
    assert "cannot be written as a picture" in capsys.readouterr().err
