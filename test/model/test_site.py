"""A site file is read strictly, and only with the model that it was measured with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from bundles import make_tiny_bundle

from fm_ood_ros.errors import SiteError
from fm_ood_ros.geometry.ground import tilted_plane
from fm_ood_ros.model.bundle import ModelBundle
from fm_ood_ros.model.score_scale import ScoreScale
from fm_ood_ros.model.site import Recording, Site
from fm_ood_ros.rig import RigFacts
from fm_ood_ros.segmenter import Segmenter, facts_at


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    return ModelBundle.load(make_tiny_bundle(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def site(bundle: ModelBundle) -> Site:
    recordings = [Recording("drive.mcap", 15, 30), Recording("second drive", 120, 4000)]
    return Site(bundle.name, bundle.digest, recordings, bundle.score, 0.51, (1.66, 0.5, -0.7))


def written(path: Path, site: Site, **changes: Any) -> Path:
    """The file with values changed at places, whose keys `__` parts; what is `gone` is left out."""
    data = site.to_dict()
    for place, value in changes.items():
        at, keys = data, place.split("__")
        for key in keys[:-1]:
            at = at[int(key)] if isinstance(at, list) else at[key]
        if value == "gone":
            del at[keys[-1]]
        else:
            at[keys[-1]] = value
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize("mount", [(1.66, 0.5, -0.7), None])
def test_what_is_saved_is_loaded(tmp_path: Path, bundle: ModelBundle, site: Site, mount: Any):
    site = replace(site, mount=mount)
    site.save(tmp_path / "site.yaml", "Of 3 points 2 were flagged.")
    found = Site.load(tmp_path / "site.yaml", bundle)
    assert found.to_dict() == site.to_dict()
    assert str(found) == "15 of 30 clouds of drive.mcap, 120 of 4000 clouds of second drive"
    assert "# Of 3 points 2 were flagged.\n" in (tmp_path / "site.yaml").read_text()


BROKEN = {
    "format": ("fm_ood_ros.site/9", "'format' is 'fm_ood_ros.site/9', expected 'fm_ood_ros.site/1'"),
    "model": ("gone", "'model' is missing"),
    "model__name": (3, "'model.name' is 3"),
    "model__sha256": ("gone", "'model.sha256' is missing"),
    "recordings": ("drive", "'recordings' is 'drive', expected a list"),
    "recordings__0__frames": (0, r"'recordings\[0\].frames' is 0"),
    "mount": ("gone", "'mount' is missing"),
    "mount__height": (0, "'mount.height' is 0, expected a number from 0.1 to 20"),
    "mount__pitch": (float("nan"), "'mount.pitch' is nan"),
    "mount__roll": ("gone", "'mount.roll' is missing"),
    "intensity": (-1, "'intensity' is -1"),
    "score": ([], r"'score' is \[\]"),
    "score__ranges": ([], "'score.ranges' is empty"),
    "score__ranges__0__std": ("1", r"'score.ranges\[0\].std' is '1'"),
}


@pytest.mark.parametrize("place", BROKEN)
def test_a_broken_field_is_named(tmp_path: Path, bundle: ModelBundle, site: Site, place: str):
    value, said = BROKEN[place]
    path = written(tmp_path / "site.yaml", site, **{place: value})
    with pytest.raises(SiteError, match=f"site.yaml is wrong: {said}.*calibrate"):
        Site.load(path, bundle)


@pytest.mark.parametrize("text", ["[1", "at: 2001-99-99", "\x00", "[" * 5000])
def test_what_is_no_yaml_is_refused(tmp_path: Path, bundle: ModelBundle, text: str):
    (tmp_path / "site.yaml").write_text(text)
    with pytest.raises(SiteError, match="cannot be read as YAML"):
        Site.load(tmp_path / "site.yaml", bundle)
    with pytest.raises(SiteError, match="No such file"):
        Site.load(tmp_path / "none.yaml", bundle)


def test_a_file_of_another_model_is_refused(tmp_path: Path, bundle: ModelBundle, site: Site):
    path = written(tmp_path / "site.yaml", site, model__name="older", model__sha256="0" * 64)
    with pytest.raises(
        SiteError, match=r"measured with older \(000000000000\), but the model is tiny .*calibrate again"
    ):
        Site.load(path, bundle)


def test_a_file_whose_scale_is_not_the_models_but_for_quantiles_is_refused(tmp_path, bundle, site):
    part = site.score.ranges[0]
    for changed in (replace(part, mean=part.mean + 1), replace(part, std=2 * part.std), replace(part, distance=33.0)):
        path = tmp_path / "site.yaml"
        replace(site, score=ScoreScale((changed, *site.score.ranges[1:]))).save(path)
        with pytest.raises(SiteError, match="other distances, means or deviations than tiny"):
            Site.load(path, bundle)
        path.unlink()
    replace(site, recordings=[]).save(path)
    with pytest.raises(SiteError, match="'recordings' is empty"):
        Site.load(path, bundle)


def test_what_is_given_wins_over_the_site(bundle: ModelBundle, site: Site):
    plane = tilted_plane(1.2, 3, 0)
    assert facts_at(site, RigFacts(ground=plane, intensity=255.0, rows=(1, 9))) == RigFacts(plane, (1, 9), 255.0)
    facts = Segmenter(bundle, None, site=site).rig.facts  # type: ignore[arg-type]
    assert facts.intensity == 0.51
    assert facts.ground is not None and facts.ground.height == 1.66
    assert facts_at(replace(site, mount=None, intensity=0.0), RigFacts()) == RigFacts()
