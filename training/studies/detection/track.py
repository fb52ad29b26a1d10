"""Trains the heads on known clips, and tells known from unknown ones by the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from fm_ood_ros.errors import InputError
from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.metrics import AnomalyMetrics
from training.losses.cross_modal import a2d, xmuda
from training.losses.points import negative_entropy
from training.studies.detection.features import Features
from training.studies.detection.heads import Heads
from training.studies.detection.outliers import FeatureOutliers
from training.studies.detection.settings import DetectionConfig

HEADS = ("fused", "video", "flow")


def train_heads(clips: Features, config: DetectionConfig) -> Heads:
    """Heads trained on known clips; raises InputError for fewer than two classes or an n that the features lack."""
    if clips.classes < 2 or (config.method == "feature_mixing" and not 0 <= config.n <= min(clips.widths)):
        raise InputError(
            f"{clips.name} has {clips.classes} classes and {clips.widths} channels, expected two classes or more and "
            f"n = {config.n} channels to swap in each modality; correct the settings"
        )
    torch.manual_seed(config.seed)
    heads = Heads(clips.widths, clips.classes)
    outliers = FeatureOutliers(config, clips.classes, clips.widths)
    optimiser = torch.optim.Adam(heads.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    for _ in range(config.epochs):
        for chosen in torch.randperm(len(clips)).split(config.batch):
            batch = clips.rows(chosen)
            loss = _loss(heads, outliers, batch, config)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    return heads.eval()


def _loss(heads: Heads, outliers: FeatureOutliers, batch: Features, config: DetectionConfig) -> Tensor:
    """Cross-entropy of the three heads + gamma1 * entropy of outliers + gamma2 * loss between the modalities."""
    fused, video, flow = heads(*batch.streams)
    loss = torch.stack([F.cross_entropy(z, batch.labels) for z in (fused, video, flow)]).sum()
    made = outliers(batch.streams, batch.labels)
    if len(made):
        loss = loss + config.gamma1 * negative_entropy(heads.fused(made))
    if config.cross_modal == "a2d":
        loss = loss + config.gamma2 * a2d(video, flow, batch.labels)
    elif config.cross_modal == "xmuda":
        loss = loss + config.gamma2 * xmuda(video, flow)
    return loss


@torch.inference_mode()
def judge(heads: Heads, known: Features, unknown: Sequence[Features], scores: Sequence[str]) -> dict[str, Any]:
    """`accuracy` of each head on known clips; `sets`: by name of unknown clips and score `fpr95`, `auroc`, `aupr`."""
    logits = heads(*known.streams)
    accuracy = {
        name: float((z.argmax(1) == known.labels).float().mean()) for name, z in zip(HEADS, logits, strict=True)
    }
    sets: dict[str, dict[str, Any]] = {}
    for clips in unknown:
        strange = heads(*clips.streams)[0]
        is_ood = np.arange(len(known) + len(clips)) >= len(known)
        sets[clips.name] = {}
        for name in scores:
            metrics = AnomalyMetrics()
            metrics.update(SCORES[name](torch.cat([logits[0], strange]).T.numpy()), is_ood)
            sets[clips.name][name] = metrics.result()
    return {"known": len(known), "accuracy": accuracy, "sets": sets}


def table(result: dict[str, Any]) -> str:
    """The result as text."""
    accuracy = ", ".join(f"{name} {value:.2%}" for name, value in result["accuracy"].items())
    head = f"{'unknown set':18s}score       FPR@95   AUROC    AUPR"
    lines = [f"{result['known']} known clips, accuracy: {accuracy}", head]
    for data, scores in result["sets"].items():
        lines += [
            f"{data:18s}{name:10s} {100 * s['fpr95']:7.2f} {100 * s['auroc']:7.2f} {100 * s['aupr']:7.2f}"
            for name, s in scores.items()
        ]
    return "\n".join(lines)
