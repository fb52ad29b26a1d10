"""What the replay makes of rectified images: its calibration, what the node is told, what it says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from calibrated_recordings import D, K, P, info, write_recording

from fm_ood_ros.errors import FmOodError
from fm_ood_ros.ros.replay import __main__ as replay


@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize("image", ["/cam/image_raw", "/cam/image_rect"])
def test_row_8_replay_takes_rectified_images_and_asks_about_topics_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], image: str, rectified: bool
):
    given: list[Any] = []

    def play(*arguments: Any) -> dict[str, Any]:
        given.extend(arguments)
        raise FmOodError("not played here")

    monkeypatch.setattr(replay, "_play", play)
    monkeypatch.setattr(replay.ModelBundle, "load", lambda path: SimpleNamespace(name="none"))
    bag = write_recording(tmp_path / "bag", [info()], image=image)
    options = ["--bag", str(bag), "--model", str(tmp_path), "--out", str(tmp_path / "out")]
    assert replay.main([*options, *["--rectified"] * rectified]) == 2
    _, _, calibration, _, _, parameters = given
    assert parameters["rectified"] == ("true" if rectified else "false")
    np.testing.assert_array_equal(calibration.lens.K, P[:, :3] if rectified else K)
    np.testing.assert_array_equal(calibration.lens.distortion, [] if rectified else D)
    said = capsys.readouterr().out
    assert ("warning: /cam/image_rect is named" in said) == (image.endswith("rect") and not rectified)
    assert f"seen up to {calibration.lens.field:.0f} degrees off axis" in said
