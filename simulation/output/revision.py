"""Which source wrote a data set: a digest over the simulator's own files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

AROUND = ("benchmark", "commands", "live")  # what only asks for frames


@cache
def source_revision() -> str:
    """First 16 hex digits of the sha256 over names and contents of the source files that decide a frame's bytes."""
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.yaml")]):
        if path.relative_to(root).parts[0] in AROUND:
            continue
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
