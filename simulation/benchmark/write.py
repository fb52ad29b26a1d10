"""Writes the benchmark: its splits, then the data card, and last the index, which makes it whole."""

from __future__ import annotations

import time
from pathlib import Path

from fm_ood_ros.errors import InputError
from simulation.audit.audit import audit
from simulation.benchmark.card import CARD, CARD_DATA, AuditTable, write_card
from simulation.benchmark.index import INDEX, build_index, read_index
from simulation.benchmark.spec import Spec
from simulation.benchmark.statistics import measure
from simulation.output.dataset import DatasetRequest, write_dataset
from simulation.output.layout import replace_json, sequence_name


def write_benchmark(spec: Spec, size: str, out: Path, workers: int, audited: bool = True) -> None:
    """Writes what is missing below `out`; audited: with the shortcut audit in the data card.

    Raises InputError when `out` holds something else or cannot be written.
    """
    if _finished(spec, size, out):
        print(f"{out} holds {spec.title} ({size}) already; see whether it is unchanged with 'check {out}'")
        return
    start = time.perf_counter()
    requests = spec.requests(size, out, workers)
    _refuse_strangers(out, requests)
    for request in requests:
        write_dataset(request)
    tables = {request.name: measure(request) for request in requests}
    audits = _audits(spec, out) if audited else []
    card = write_card(spec, size, out, tables, audits)
    index = build_index(spec, size, requests, card)
    replace_json(out / INDEX, index)
    frames = sum(index["frames"].values())
    print(f"{spec.title} ({size}): {frames} frames after {time.perf_counter() - start:.0f} s, digest {index['digest']}")


def _finished(spec: Spec, size: str, out: Path) -> bool:
    index = read_index(out)
    if index is None:
        return False
    ours = (spec.name, spec.version, spec.settings(size))
    if (index.get("name"), index.get("version"), index.get("settings")) != ours:
        raise InputError(
            f"{out} holds {index.get('name')} {index.get('version')} with other settings than {spec.title} ({size}); "
            "give another --out"
        )
    return True


def _audits(spec: Spec, out: Path) -> list[AuditTable]:
    """Every split with unknown objects, judged by mixtures fitted to the split without them."""
    known = next((s.folder for s in spec.splits if s.kinds == "val"), None)
    tables = []
    for split in spec.splits if known else ():
        if split.kinds in ("dev", "test"):
            print(f"audit: {split.folder} against {known}", flush=True)
            verdicts, share = audit(out / str(known), out / split.folder)
            tables.append(
                AuditTable(split.folder, share, [(v.cue, float(v.auroc), float(v.precision)) for v in verdicts])
            )
    return tables


def _refuse_strangers(out: Path, requests: list[DatasetRequest]) -> None:
    """Files that no request writes; what half-written sequences hold is removed later."""
    ours = {out / name for name in (CARD, CARD_DATA)} | {r.root / "scenes.json" for r in requests}
    folders = {r.root / "sequences" / sequence_name(i) for r in requests for i in range(r.scenes)}
    files = (p for p in sorted(out.rglob("*")) if not p.is_dir())
    strangers = [p for p in files if p not in ours and folders.isdisjoint(p.parents) and ".partial" not in str(p)]
    if strangers:
        raise InputError(
            f"{out} holds {len(strangers)} files that are none of the benchmark's, such as {strangers[0]}; "
            "remove them and run again, or give another --out"
        )
