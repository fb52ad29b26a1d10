"""Compares a benchmark's folder with its index, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fm_ood_ros.errors import InputError
from simulation.benchmark.index import INDEX, read_index, sha256_of


@dataclass(frozen=True)
class Report:
    """Names of files, relative to the folder; files: how many the index names."""

    title: str
    files: int
    missing: list[str]
    changed: list[str]
    extra: list[str]

    @property
    def whole(self) -> bool:
        """Whether the folder is what the index says."""
        return not (self.missing or self.changed or self.extra)

    def summary(self) -> str:
        """One line."""
        if self.whole:
            return f"{self.title}: all {self.files} files are as they were written"
        parts = f"{len(self.missing)} missing, {len(self.changed)} changed, {len(self.extra)} extra"
        return f"{self.title}: {parts} of {self.files} files; write the benchmark anew before comparing anything on it"


def check_folder(folder: Path) -> Report:
    """Raises InputError when the folder has no index, as when its writing was interrupted."""
    index = read_index(folder)
    if index is None:
        raise InputError(
            f"{folder} has no {INDEX}, so it is no finished benchmark; run 'benchmark --out {folder}' to its end"
        )
    named: dict[str, str] = index["files"]
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if not p.is_dir()}
    found.pop(INDEX, None)
    changed = [name for name, digest in named.items() if name in found and sha256_of(found[name]) != digest]
    title = f"{index['name']} {index['version']} ({index['settings']['size']})"
    return Report(
        title, len(named), sorted(named.keys() - found.keys()), sorted(changed), sorted(found.keys() - named.keys())
    )
