"""What is aimed at, and whether this run reached it."""

from __future__ import annotations

from typing import Any

from benchmark.outlier_synthesis import COPY, IN_THE_HEAD, NP_MIX, ONE_PERMUTATION

FASTER = {"segmentation": 370.0, "detection": 10.0}  # than NP-Mix: the paper's own figures (arXiv 2505.16985)
COPIES = 2.0
STEP = 1.10


def aims(shapes: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every aim with what was found, for each form of Feature Mixing that it could be said of."""
    found = []
    for shape in shapes:
        ms = {row["method"]: row["ms"] for row in shape["methods"]}
        task = shape["task"]
        for form in (ONE_PERMUTATION, IN_THE_HEAD):
            faster = FASTER[task.split(",")[0]]
            found.append(_aim(f"{task}: NP-Mix / {form}", ms[NP_MIX] / ms[form], f">= {faster:g}", faster, None))
            found.append(_aim(f"{task}: {form} / one copy", ms[form] / ms[COPY], f"<= {COPIES:g}", None, COPIES))
    return found + [
        _aim(f"training step: {step['preset']} / late fusion", step["ratio"], f"<= {STEP:g}", None, STEP)
        for step in steps[1:]
    ]


def _aim(name: str, found: float, wanted: str, least: float | None, most: float | None) -> dict[str, Any]:
    reached = (least is None or found >= least) and (most is None or found <= most)
    return {"aim": name, "found": found, "wanted": wanted, "reached": reached}
