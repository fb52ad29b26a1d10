"""A model bundle: a folder with ONNX files and the manifest that says all about them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import BundleError, FmOodError
from fm_ood_ros.model.external_data import external_tensors
from fm_ood_ros.model.input_spec import InputSpec
from fm_ood_ros.model.judgement_spec import JudgementSpec
from fm_ood_ros.model.label_sets import LabelSet
from fm_ood_ros.model.manifest import (
    MANIFEST,
    check_free_parts,
    check_graph,
    read_files,
    read_manifest,
    read_statistics,
    read_threshold,
)
from fm_ood_ros.model.score_scale import ScoreScale


@dataclass(frozen=True)
class ModelBundle:
    """A checked bundle.

    path: its folder; digest: sha256 of the manifest, which holds the hashes of all files
    labels: known classes in the order of the graph's outputs; input: what the network sees
    judgement: the steps from logits to verdicts; score: the scale of what comes out
    threshold: anomaly_score from which a point counts as unknown
    statistics: of the training set, `intensity` and `range` with `mean`, `std`, `p01`, `p50`, `p99`
    files: precision -> ONNX file; manifest: all of the JSON
    """

    path: Path
    digest: str
    labels: LabelSet
    input: InputSpec
    judgement: JudgementSpec
    score: ScoreScale
    threshold: float
    statistics: dict[str, dict[str, float]]
    files: dict[str, Path]
    manifest: dict[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> ModelBundle:
        """Reads and checks a bundle; raises BundleError naming the file, what was found and the remedy."""
        folder = Path(path)
        manifest, digest = read_manifest(folder / MANIFEST)
        try:
            check_free_parts(manifest)
            bundle = cls(
                path=folder,
                digest=digest,
                labels=LabelSet.from_dict(manifest.object("label_set").data, "label_set"),
                input=InputSpec.from_dict(manifest.object("input").data),
                judgement=JudgementSpec.from_dict(manifest.object("judgement").data),
                score=ScoreScale.from_dict(manifest.object("score").data),
                threshold=read_threshold(manifest),
                statistics=read_statistics(manifest),
                files={precision: folder / name for precision, (name, _) in read_files(manifest).items()},
                manifest=manifest.data,
            )
            check_graph(manifest, bundle.size, len(bundle.labels.classes))
        except FmOodError as error:
            raise BundleError(f"{folder / MANIFEST} is wrong: {error}; export the model again") from error
        for precision in bundle.files:
            bundle.read(precision)
        return bundle

    @property
    def name(self) -> str:
        """The bundle's own name."""
        return str(self.manifest["name"])

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of both inputs."""
        return self.input.size

    def read(self, precision: str) -> bytes:
        """The ONNX file of that precision, checked on this very read, so that what is opened is what was hashed.

        Raises BundleError where there is none, or where it was changed, lies elsewhere or refers to other files.
        """
        if precision not in self.files:
            raise BundleError(
                f"{self.path} holds {sorted(self.files)}, expected '{precision}'; export it with {precision}"
            )
        path = self.files[precision]
        _check_place(path, self.path / MANIFEST)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise BundleError(
                f"{path} cannot be read ({error.strerror}); the manifest names it: copy the whole bundle again"
            ) from error
        found, expected = hashlib.sha256(raw).hexdigest(), self.manifest["files"][precision]["sha256"]
        if found != expected:
            raise BundleError(
                f"{path} has sha256 {found[:16]}..., the manifest says {expected[:16]}...; "
                "the file was changed or cut off: copy or export the bundle again"
            )
        _check_whole(path, raw)
        return raw


def _check_place(path: Path, manifest: Path) -> None:
    # an installation may link every file to the checkout, so what counts is where the manifest really lies
    place, folder = Path(os.path.realpath(path)).parent, Path(os.path.realpath(manifest)).parent
    if place != folder:
        raise BundleError(f"{path} is a link to {place}, expected a file beside the manifest; copy the bundle as files")


def _check_whole(path: Path, raw: bytes) -> None:
    try:
        outside = external_tensors(raw)
    except ValueError as error:
        raise BundleError(f"{path} is no ONNX graph ({error}); export the model again") from error
    if outside:
        raise BundleError(
            f"{path} keeps {len(outside)} tensors in other files ({', '.join(map(ascii, outside[:3]))}), expected all "
            "of them inside, where the hash covers them; export the model again as one file"
        )
