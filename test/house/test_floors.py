"""Which floor of the runtime may stand on which: docs/architecture.md draws it, this holds it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "fm_ood_ros"
SEEING = {"errors", "timings", "geometry", "messages", "model", "frame", "rig"}
ALLOWED = {
    "errors": set(),
    "timings": set(),
    "memory": set(),
    "geometry": {"errors", "model.input_spec"},
    "messages": {"errors"},
    "model": {"errors"},
    "metrics": {"errors", "model.label_sets"},
    "frame": {"errors", "geometry"},
    "rig": {"errors", "geometry", "messages.intensity", "model.input_spec", "frame"},
    "objects": set(),
    "prediction": {"objects", "rig"},
    "pairing": {"errors", "timings"},
    "engines": {"errors", "model"},
    "judgement": SEEING | {"objects", "prediction"},
    "segmenter": SEEING | {"engines", "judgement", "objects", "prediction"},
    "health": SEEING | {"prediction"},
    "pictures": SEEING | {"objects", "prediction"},
    "replay": SEEING | {"engines", "judgement", "metrics", "objects", "pictures", "prediction", "segmenter"},
    "calibrate": SEEING | {"memory", "engines", "judgement", "prediction", "replay", "segmenter"},
}


def floor_of(path: Path) -> str:
    """The room, or the file's own name where it stands on top."""
    first = path.relative_to(RUNTIME).parts[0]
    return first.removesuffix(".py")


def runtime_files() -> list[Path]:
    return [p for p in sorted(RUNTIME.rglob("*.py")) if p != RUNTIME / "__init__.py"]


def known_by(path: Path) -> set[str]:
    """What of the runtime a file imports, without the package's name."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("fm_ood_ros."):
            names.add(str(node.module).removeprefix("fm_ood_ros."))
        elif isinstance(node, ast.Import):
            names |= {a.name.removeprefix("fm_ood_ros.") for a in node.names if a.name.startswith("fm_ood_ros.")}
    return names


@pytest.mark.parametrize("path", runtime_files(), ids=lambda p: str(p.relative_to(RUNTIME)))
def test_a_floor_stands_on_lower_ones_only(path: Path):
    floor = floor_of(path)
    if floor == "ros":
        return
    assert floor in ALLOWED, f"{floor} is new: say in docs/architecture.md and here what it may stand on"
    for name in known_by(path):
        permitted = ALLOWED[floor] | {floor}
        assert any(name == p or name.startswith(p + ".") for p in permitted), f"{path} knows {name}"


def test_no_two_floors_stand_on_each_other():
    stands_on = {floor: {a.split(".")[0] for a in allowed} for floor, allowed in ALLOWED.items()}
    for floor in stands_on:
        reached, todo = set(), list(stands_on[floor])
        while todo:
            below = todo.pop()
            if below not in reached:
                reached.add(below)
                todo += stands_on.get(below, set())
        assert floor not in reached, f"{floor} stands on itself through {sorted(reached)}"


def modules() -> dict[str, set[str]]:
    """Every file of the runtime by its dotted name, and what of the runtime it imports."""
    found = {}
    for path in runtime_files():
        name = ".".join(path.relative_to(RUNTIME).with_suffix("").parts).removesuffix(".__init__")
        found[name] = known_by(path)
    return found


def test_no_file_imports_itself_through_others():
    graph = modules()
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name in done or name not in graph:
            return
        for below in sorted(graph[name]):
            visit(below, (*way, name))
        done.add(name)

    for name in graph:
        visit(name, ())
