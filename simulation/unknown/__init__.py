"""Unknown objects: kinds that no training frame shows, and which data set shows which of them."""

from __future__ import annotations

from simulation.unknown import animals, cargo, household, machines, shapes
from simulation.unknown.kind import Kind

OTHER_OBJECT = 99
KINDS: dict[str, Kind] = {
    "quadruped": Kind(animals.quadruped, (0.9, 0.35, 0.6), (2.4, 0.8, 2.0)),
    "bird": Kind(animals.bird, (1.0, 0.6, 1.2), (1.7, 0.9, 2.3)),
    "chair": Kind(household.chair, (0.5, 0.5, 0.85), (0.9, 0.9, 1.4)),
    "table": Kind(household.table, (0.9, 0.7, 0.7), (2.0, 1.1, 1.2)),
    "sofa": Kind(household.sofa, (0.8, 1.1, 0.7), (1.0, 2.3, 1.0)),
    "cabinet": Kind(household.cabinet, (0.5, 0.6, 0.9), (0.8, 1.3, 2.1)),
    "bathtub": Kind(household.bathtub, (1.3, 0.7, 0.5), (1.9, 0.9, 0.8)),
    "crates": Kind(cargo.crates, (0.6, 0.6, 0.5), (1.6, 1.4, 2.2)),
    "barrels": Kind(cargo.barrels, (0.8, 0.7, 0.7), (2.0, 1.0, 1.2)),
    "tyres": Kind(cargo.tyres, (1.0, 1.0, 0.6), (1.6, 1.6, 1.7)),
    "sacks": Kind(cargo.sacks, (1.0, 0.8, 0.7), (1.6, 1.2, 1.4)),
    "rubble": Kind(cargo.rubble, (0.9, 0.8, 0.5), (2.2, 2.0, 1.6)),
    "beams": Kind(cargo.beams, (1.8, 0.8, 0.4), (4.0, 1.4, 1.0)),
    "roll": Kind(cargo.roll, (1.2, 0.7, 0.6), (2.4, 1.5, 1.5)),
    "snowman": Kind(shapes.snowman, (0.6, 0.6, 1.0), (1.4, 1.4, 2.4)),
    "torus": Kind(shapes.torus, (0.9, 0.4, 0.9), (2.2, 0.9, 2.2)),
    "statue": Kind(shapes.statue, (0.6, 0.8, 1.2), (1.1, 1.5, 2.4)),
    "composite": Kind(shapes.composite, (0.8, 0.8, 0.8), (2.0, 2.0, 2.2)),
    "pyramid": Kind(shapes.pyramid, (0.8, 0.8, 0.8), (2.2, 2.2, 2.2)),
    "arch": Kind(shapes.arch, (0.5, 1.2, 1.4), (0.8, 2.2, 2.4)),
    "boat": Kind(machines.boat, (2.0, 0.8, 0.8), (4.0, 1.6, 1.8)),
    "barrow": Kind(machines.barrow, (1.2, 0.6, 0.8), (2.0, 1.0, 1.3)),
    "engine": Kind(machines.engine, (1.0, 0.7, 0.9), (2.2, 1.3, 1.8)),
    "digger": Kind(machines.digger, (2.0, 1.1, 1.5), (3.6, 1.6, 2.5)),
    "aircraft": Kind(machines.aircraft, (1.6, 1.6, 0.7), (3.6, 3.0, 1.4)),
}
DEVELOPMENT_KINDS = (
    "quadruped", "chair", "cabinet", "crates", "barrels", "rubble", "snowman", "composite", "boat", "engine",
)  # fmt: skip
TEST_KINDS = tuple(KINDS)
KINDS_OF_SPLIT: dict[str, tuple[str, ...]] = {"train": (), "val": (), "dev": DEVELOPMENT_KINDS, "test": TEST_KINDS}
