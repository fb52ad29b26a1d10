"""The frame benchmark as text."""

from __future__ import annotations

from typing import Any

from benchmark.frame.stages import GROUPS

Row = dict[str, Any]


def text(result: dict[str, Any]) -> str:
    """A table of the stages at the size that the bound is about, one of all sizes, and the aims."""
    rows = result["rows"]
    main = next((row for row in rows if row["points"] == result["at"]), rows[-1])
    lines = [
        f"{'PASS  ' if aim['reached'] else 'missed'}  {aim['aim']}: {aim['found']:.4g}, wanted {aim['wanted']}"
        for aim in result["aims"]
    ]
    lines = lines or [f"judged at {result['at']} points only"]
    machine = result["machine"]
    end = (
        f"{machine['device']}, one thread, load {machine['load']:.1f}; medians of {machine['rounds']} interleaved "
        f"rounds; peak: arrays of a stage and of those in it; the process held {machine['resident_mb']:.0f} MB at most"
    )
    return "\n\n".join([_stages(main, result["messages"]), _growth(rows), "\n".join(["aims", *lines]), end])


def _stages(row: Row, messages: str) -> str:
    shown = f"{row['in_view']} in view, {row['judged']} judged, {row['patches']} patches"
    title = f"{row['points']} points, {shown}; {messages}"
    columns = {"CPU ms": 9, "least": 8, "wall ms": 9, "share": 8, "copies": 9, "engines": 9, "peak MB": 9}
    head = f"{'stage':22s}" + "".join(f"{name:>{width}s}" for name, width in columns.items())
    body = []
    for group, members in GROUPS.items():
        body.append(_stage(group.upper(), row["groups"][group]))
        body += [_stage(f"  {name}", row["stages"][name]) for name in members if len(members) > 1]
    return "\n".join([title, head, *body])


def _stage(name: str, s: dict[str, float]) -> str:
    return (
        f"{name:22s}{s['cpu_ms']:9.2f}{s['least_cpu_ms']:8.2f}{s['wall_ms']:9.2f}{s['share']:8.1%}{s['copies']:9.1f}"
        f"{s['engines']:9.2f}{s['peak_mb']:9.1f}"
    )


def _growth(rows: list[Row]) -> str:
    """CPU time of every stage at every size, and how much it grows from the smallest cloud to the largest."""
    times = rows[-1]["points"] / rows[0]["points"]
    head = f"{'CPU ms by points':22s}" + "".join(f"{row['points']:>10d}" for row in rows) + f"{f'of {times:g}':>10s}"
    body = []
    for group, members in GROUPS.items():
        body.append(_grown(group.upper(), [row["groups"][group] for row in rows]))
        body += [_grown(f"  {n}", [row["stages"][n] for row in rows]) for n in members if len(members) > 1]
    body.append(_grown("WHOLE", rows))
    return "\n".join([head, *body])


def _grown(name: str, found: list[dict[str, float]]) -> str:
    times = found[-1]["cpu_ms"] / max(found[0]["cpu_ms"], 1e-9)
    return f"{name:22s}" + "".join(f"{f['cpu_ms']:10.2f}" for f in found) + f"{times:9.1f}x"
