"""The rig benchmark as text."""

from __future__ import annotations

from typing import Any


def text(result: dict[str, Any]) -> str:
    """Tables of the recording, of hidden points and of the simulator's rigs, and what was missed."""
    parts = [_recorded(result), _hidden(result["recorded"])]
    if result["simulated"]:
        parts.append(_simulated(result))
    missed = missed_bounds(result)
    parts.append("\n".join([f"MISSED: {name}" for name in missed]) if missed else "every bound is held")
    return "\n\n".join(parts)


def missed_bounds(result: dict[str, Any]) -> list[str]:
    """Names of the bounds that were missed."""
    hidden = result["recorded"]["hidden"]
    return [
        *(row["change"] for row in result["recorded"]["changes"] if not row["held"]),
        *(["hidden points"] if hidden and not hidden["held"] else []),
        *(row["rig"] for row in result["simulated"] if not row["held"]),
    ]


def _recorded(result: dict[str, Any]) -> str:
    found = result["recorded"]
    head = f"{'same street, sent otherwise':28s}{'classes stay':>26s}{'flagged':>17s}{'NaN':>5s}{'mIoU':>16s}  bound"
    title = f"{result['bag']}: {found['clouds']} clouds, {found['points']} points judged by {result['model']}"
    return "\n".join([title, head, *(_change(row, found["miou"]) for row in found["changes"])])


def _change(row: dict[str, Any], miou: float | None) -> str:
    stay = f"{row['stay']:.3%} ({row['same']}/{row['either']})"
    before, after = (f / j if j else 0.0 for f, j in zip(row["flagged"], row["judged"], strict=True))
    labelled = "-" if miou is None else f"{miou:.1%} -> {row['miou']:.1%}"
    flagged = f"{before:.1%} -> {after:.1%}"
    held = "held" if row["held"] else "MISSED"
    bound = f">= {row['least']:.1%} stay, no NaN: {held}"
    return f"{row['change']:28s}{stay:>26s}{flagged:>17s}{row['nan']:5d}{labelled:>16s}  {bound}"


def _hidden(found: dict[str, Any]) -> str:
    hidden = found["hidden"]
    if not hidden:
        return f"hidden points and mIoU are left out: {found['unlabelled']}"
    share = hidden["not_judged"] / hidden["hidden"] if hidden["hidden"] else 0.0
    return (
        f"hidden points: {hidden['not_judged']} of {hidden['hidden']} ({share:.1%}) not judged; of "
        f"{hidden['known_judged']} known ones that are, {hidden['false_flags']:.1%} flagged, of {hidden['others']} "
        f"others {hidden['others_false_flags']:.1%}; at most {hidden['most']:g} times as many: "
        f"{'held' if hidden['held'] else 'MISSED'}"
    )


def _simulated(result: dict[str, Any]) -> str:
    title = f"{result['scenes']} simulated streets, each seen by all rigs"
    head = f"{'rig':28s}{'beams':>7s}{'mIoU':>8s}{'lost':>8s}{'where both look':>17s}  bound"
    return "\n".join([title, head, *map(_rig, result["simulated"])])


def _rig(row: dict[str, Any]) -> str:
    bound = "reported"
    if row["most"] is not None:
        bound = f"<= {100 * row['most']:g} points lost: {'held' if row['held'] else 'MISSED'}"
    return f"{row['rig']:28s}{row['beams']:7d}{row['miou']:8.1%}{_points(row)}  {bound}"


def _points(row: dict[str, Any]) -> str:
    """Points of mIoU lost, in all that is seen and where both rigs look."""
    return f"{100 * row['lost']:8.1f}{100 * row['lost_where_both_look']:17.1f}"
