"""python -m training describe: what a configuration's network costs, before anything is trained."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from fm_ood_ros.model.label_sets import LabelSet
from training.config import load_config
from training.models.cost import operations_by_part, parameters
from training.models.network import NETWORKS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--config", type=Path, help="YAML, see training/configs (default: the built-in settings)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override one setting")


def describe(options: argparse.Namespace) -> None:
    """Prints parameters and operations of each part; no weights are made."""
    config = load_config(options.config, options.set)
    classes = len(LabelSet.load(config.label_set).classes)
    with torch.device("meta"):
        network = NETWORKS[config.network.kind](classes, config.network, ([0.0] * 3, [1.0] * 3), ([0.0] * 5, [1.0] * 5))
    operations = operations_by_part(network)
    counts = {name: parameters(getattr(network, name)) for name in network.streams}
    counts = {**counts, "head": parameters(network) - sum(counts.values()), "whole": parameters(network)}
    height, width = network.size
    print(f"{config.network.kind} network, {height}x{width}, {classes} classes of '{config.label_set}'")
    print("part          M parameters    GMAC per frame")
    for name, count in counts.items():
        print(f"{name:12s} {count / 1e6:13.3f} {operations[name] / 1e9:17.2f}")
