"""The index of a written benchmark: version, settings and the sha256 of every file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fm_ood_ros.errors import InputError
from simulation import VERSION
from simulation.benchmark.spec import Spec
from simulation.output.dataset import DatasetRequest
from simulation.output.layout import sequence_name
from simulation.output.revision import source_revision

INDEX = "index.json"


def sha256_of(path: Path) -> str:
    """Of a file's contents."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_index(spec: Spec, size: str, requests: list[DatasetRequest], beside: list[Path]) -> dict[str, Any]:
    """beside: further files of the benchmark's folder; frames keep the digests that they were written with."""
    root = requests[0].out
    frames: dict[str, str] = {}
    for request in requests:
        for i in range(request.scenes):
            folder = request.root / "sequences" / sequence_name(i)
            written = json.loads((folder / "scene.json").read_text(encoding="utf-8"))["files"]
            where = folder.relative_to(root).as_posix()
            frames.update({f"{where}/{name}": digest for name, digest in written.items()})
            beside = [*beside, folder / "scene.json"]
        beside = [*beside, request.root / "scenes.json"]
    others = {path.relative_to(root).as_posix(): sha256_of(path) for path in beside}
    return {
        "name": spec.name, "version": spec.version, "simulator": VERSION, "source_revision": source_revision(),
        "settings": spec.settings(size), "frames": {r.name: r.scenes * r.frames for r in requests},
        "digest": digest_of(frames), "files": {**frames, **others},
    }  # fmt: skip


def digest_of(files: dict[str, str]) -> str:
    """One sha256 over names and digests: equal when two folders hold the same frames."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_index(folder: Path) -> dict[str, Any] | None:
    """The index of a finished benchmark, None where there is none; raises InputError when it is garbled."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(index["files"], dict):
            raise TypeError("files")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read as an index ({error}), expected what 'benchmark' writes; write the benchmark anew"
        ) from error
    return dict(index)
