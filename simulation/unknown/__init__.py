"""Unknown objects: kinds that no training frame shows, and which data set shows which of them."""

from __future__ import annotations

from simulation.unknown import (
    animals,
    cargo,
    composites,
    craft,
    disagreeing,
    furniture,
    household,
    play,
    roadwork,
    shapes,
)  # fmt: skip
from simulation.unknown.kind import Kind

OTHER_OBJECT = 99
KINDS: dict[str, Kind] = {
    "quadruped": Kind(animals.quadruped, "animals", "near", (0.9, 0.35, 0.6), (2.4, 0.8, 2.0)),
    "bird": Kind(animals.bird, "animals", "near", (1.0, 0.6, 1.2), (1.7, 0.9, 2.3)),
    "elephant": Kind(animals.elephant, "animals", "near", (1.8, 1.2, 1.4), (3.4, 1.9, 2.6)),
    "crocodile": Kind(animals.crocodile, "animals", "near", (1.8, 0.7, 0.4), (3.8, 1.2, 0.7)),
    "chair": Kind(furniture.chair, "furniture", "near", (0.5, 0.5, 0.85), (0.9, 0.9, 1.4), "hanging"),
    "table": Kind(furniture.table, "furniture", "near", (0.9, 0.7, 0.7), (2.0, 1.1, 1.2)),
    "sofa": Kind(furniture.sofa, "furniture", "near", (0.8, 1.1, 0.7), (1.0, 2.3, 1.0), "hanging"),
    "cabinet": Kind(furniture.cabinet, "furniture", "near", (0.5, 0.6, 0.9), (0.8, 1.3, 2.1)),
    "bed": Kind(furniture.bed, "furniture", "near", (1.7, 0.9, 0.7), (2.1, 1.8, 1.1)),
    "shelf": Kind(furniture.shelf, "furniture", "near", (0.35, 0.7, 1.0), (0.5, 1.4, 2.0)),
    "bathtub": Kind(household.bathtub, "household", "near", (1.3, 0.7, 0.5), (1.9, 0.9, 0.8), "hanging"),
    "washer": Kind(household.washer, "household", "near", (0.55, 0.55, 0.8), (0.8, 0.8, 1.2), "hanging"),
    "mattress": Kind(household.mattress, "household", "near", (0.5, 0.8, 1.2), (0.9, 1.6, 1.9), "leaning"),
    "ladder": Kind(household.ladder, "household", "far", (0.4, 0.4, 1.3), (0.9, 0.6, 2.4), "leaning"),
    "parasol": Kind(household.parasol, "household", "far", (1.4, 1.4, 1.8), (2.6, 2.6, 2.6)),
    "crates": Kind(cargo.crates, "cargo and debris", "near", (0.6, 0.6, 0.5), (1.6, 1.4, 2.2), "hanging"),
    "barrels": Kind(cargo.barrels, "cargo and debris", "near", (0.8, 0.7, 0.7), (2.0, 1.0, 1.2)),
    "tyres": Kind(cargo.tyres, "cargo and debris", "far", (1.0, 1.0, 0.6), (1.6, 1.6, 1.7), "hanging"),
    "sacks": Kind(cargo.sacks, "cargo and debris", "near", (1.0, 0.8, 0.7), (1.6, 1.2, 1.4), "hanging"),
    "rubble": Kind(cargo.rubble, "cargo and debris", "far", (0.9, 0.8, 0.5), (2.2, 2.0, 1.6)),
    "beams": Kind(cargo.beams, "cargo and debris", "far", (1.8, 0.8, 0.4), (4.0, 1.4, 1.0)),
    "roll": Kind(cargo.roll, "cargo and debris", "far", (1.2, 0.7, 0.6), (2.4, 1.5, 1.5), "hanging"),
    "cable drum": Kind(cargo.cable_drum, "cargo and debris", "far", (0.7, 0.5, 0.7), (1.9, 1.2, 1.9)),
    "barrow": Kind(roadwork.barrow, "road work", "near", (1.2, 0.6, 0.8), (2.0, 1.0, 1.3)),
    "engine": Kind(roadwork.engine, "road work", "far", (1.0, 0.7, 0.9), (2.2, 1.3, 1.8), "hanging"),
    "digger": Kind(roadwork.digger, "road work", "near", (2.0, 1.1, 1.5), (3.6, 1.6, 2.5)),
    "roller": Kind(roadwork.roller, "road work", "near", (1.6, 0.9, 1.4), (3.0, 1.5, 2.3)),
    "mixer": Kind(roadwork.mixer, "road work", "far", (1.0, 0.8, 1.1), (1.6, 1.1, 1.6)),
    "boat": Kind(craft.boat, "boats and aircraft", "far", (2.0, 0.8, 0.8), (4.0, 1.6, 1.8)),
    "canoe": Kind(craft.canoe, "boats and aircraft", "far", (2.4, 0.7, 0.4), (4.6, 1.0, 0.6)),
    "aircraft": Kind(craft.aircraft, "boats and aircraft", "far", (1.6, 1.6, 0.7), (3.6, 3.0, 1.4), "hanging"),
    "wing": Kind(craft.wing, "boats and aircraft", "far", (0.5, 0.9, 1.4), (1.2, 1.8, 2.8), "leaning"),
    "propeller": Kind(craft.propeller, "boats and aircraft", "far", (0.7, 1.2, 1.2), (1.3, 2.4, 2.4)),
    "snowman": Kind(play.snowman, "sports and play", "near", (0.6, 0.6, 1.0), (1.4, 1.4, 2.4)),
    "slide": Kind(play.slide, "sports and play", "far", (2.0, 0.6, 1.3), (3.4, 0.9, 2.2)),
    "goal": Kind(play.goal, "sports and play", "far", (0.8, 1.4, 1.0), (1.3, 3.0, 1.8)),
    "rocker": Kind(play.rocker, "sports and play", "near", (0.9, 0.4, 0.8), (1.5, 0.6, 1.3), "hanging"),
    "surfboard": Kind(play.surfboard, "sports and play", "far", (0.4, 0.5, 1.4), (0.8, 0.7, 2.3), "leaning"),
    "torus": Kind(shapes.torus, "abstract shapes", "far", (0.9, 0.4, 0.9), (2.2, 0.9, 2.2), "hanging"),
    "statue": Kind(shapes.statue, "abstract shapes", "near", (0.6, 0.8, 1.2), (1.1, 1.5, 2.4)),
    "pyramid": Kind(shapes.pyramid, "abstract shapes", "far", (0.8, 0.8, 0.8), (2.2, 2.2, 2.2), "hanging"),
    "arch": Kind(shapes.arch, "abstract shapes", "far", (0.5, 1.2, 1.4), (0.8, 2.2, 2.4)),
    "spiral": Kind(shapes.spiral, "abstract shapes", "far", (0.8, 0.8, 0.9), (1.6, 1.6, 2.2), "hanging"),
    "lattice": Kind(shapes.lattice, "abstract shapes", "far", (0.7, 0.7, 0.7), (2.0, 1.6, 2.0), "hanging"),
    "composite": Kind(composites.composite, "composites", "far", (0.8, 0.8, 0.8), (2.0, 2.0, 2.2), "hanging"),
    "totem": Kind(composites.totem, "composites", "far", (0.6, 0.6, 1.2), (1.3, 1.3, 2.6)),
    "misfit": Kind(composites.misfit, "composites", "near", (1.0, 0.7, 1.0), (2.0, 1.2, 2.0)),
    "printed scene": Kind(disagreeing.printed_scene, "disagreeing", "near", (0.6, 1.1, 1.0), (0.9, 2.6, 2.1), "facing"),
    "printed car": Kind(disagreeing.printed_car, "disagreeing", "near", (0.6, 1.5, 1.3), (0.9, 2.2, 1.9), "facing"),
    "mirror": Kind(disagreeing.mirror, "disagreeing", "near", (0.35, 0.7, 1.1), (0.6, 1.5, 2.0), "leaning"),
    "camouflaged": Kind(disagreeing.camouflaged, "disagreeing", "near", (0.7, 0.7, 0.4), (1.9, 1.9, 1.5)),
    "glass box": Kind(disagreeing.glass_box, "disagreeing", "far", (0.7, 0.7, 0.7), (1.8, 1.6, 1.8)),
}  # fmt: skip
# The development split shows nothing of road work, boats and aircraft and composites, and a part of the other families.
DEVELOPMENT_KINDS = (
    "quadruped", "crocodile", "chair", "cabinet", "shelf", "washer", "ladder", "crates", "barrels", "rubble",
    "cable drum", "snowman", "slide", "torus", "statue", "pyramid", "printed scene", "camouflaged",
)  # fmt: skip
TEST_KINDS = tuple(KINDS)
KINDS_OF_SPLIT: dict[str, tuple[str, ...]] = {"train": (), "val": (), "dev": DEVELOPMENT_KINDS, "test": TEST_KINDS}
