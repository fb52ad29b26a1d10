"""What is aimed at, and whether this run reached it."""

from __future__ import annotations

from typing import Any

from benchmark.outlier_synthesis import COPY, IN_THE_HEAD, NP_MIX, ONE_PERMUTATION

FASTER = {"segmentation": 370.0, "detection": 10.0}  # than NP-Mix: the paper's own figures (arXiv 2505.16985)
COPIES = 2.0
STEP = 1.10


def aims(shapes: list[dict[str, Any]], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every aim with what was found, for each form of Feature Mixing that it could be said of, and what bounds it."""
    found = []
    for shape in shapes:
        rows = {row["method"]: row for row in shape["methods"]}
        task = shape["task"]
        for form in (ONE_PERMUTATION, IN_THE_HEAD):
            mixed, bound = rows[form], rows[form]["operators"]
            faster, copies = rows[NP_MIX]["ms"] / mixed["ms"], mixed["copies"]
            wanted = FASTER[task.split(",")[0]]
            found.append(_aim(f"{task}: NP-Mix / {form}", faster, f">= {wanted:g}", faster >= wanted, bound))
            found.append(_aim(f"{task}: {form} / {COPY}", copies, f"<= {COPIES:g}", copies <= COPIES, bound))
    for step in (s for s in steps if s["preset"].startswith("feature_mixing")):
        ratio, name = step["ratio"], f"training step: {step['preset']} / late fusion"
        found.append(_aim(name, ratio, f"<= {STEP:g}", ratio <= STEP, step["operators"]))
    return found


def _aim(name: str, found: float, wanted: str, reached: bool, bound: dict[str, float]) -> dict[str, Any]:
    return {"aim": name, "found": found, "wanted": wanted, "reached": reached, "bound": bound}
