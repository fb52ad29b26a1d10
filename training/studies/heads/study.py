"""One head: trained on stored features with the training's own objective, judged on others."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from fm_ood_ros.judgement.scores import SCORES
from fm_ood_ros.metrics import AnomalyMetrics, ConfidenceMetrics, SemanticMetrics
from fm_ood_ros.model.label_sets import IGNORED, OOD
from training.config import Config
from training.engine.optimisers import OPTIMISERS
from training.losses.objective import Objective
from training.losses.points import log_inverse_frequency
from training.studies.heads.network import HeadOnly
from training.studies.heads.rows import Rows


def train_head(config: Config, rows: Rows, classes: int) -> HeadOnly:
    """A head of chance weights by the seed, trained on rows; class weights are those of the rows."""
    torch.manual_seed(config.seed)
    network = HeadOnly(classes, config.network)
    known = rows.labels[rows.labels < OOD].long()
    weighted = config.loss.class_weights == "log_inverse"
    alpha = log_inverse_frequency(known.bincount(minlength=classes)) if weighted else torch.ones(classes)
    objective = Objective(network, alpha, config)
    ((optimiser, schedule),) = OPTIMISERS["adamw"](network, config.optimiser)
    for step in range(config.optimiser.iterations):
        torch.manual_seed(config.seed * 1_000_003 + step)
        frames = torch.randint(len(rows.labels), (config.optimiser.batch,))
        sample = rows.batch(frames, network.camera_channels)
        losses = objective(sample, config.synthesis.weight(step / config.optimiser.iterations))
        losses["total"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.optimiser.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        schedule.step()
    return network.eval()


@torch.inference_mode()
def judge_head(network: HeadOnly, rows: Rows, classes: int) -> dict[str, Any]:
    """`miou`, `ece`, and `scores` by name with `fpr95`, `auroc`, `aupr`, over all points that are not ignored.

    `gap`: mean distance between channel means of the two streams over the mean standard deviation of a channel,
    over all pairs of channels, which is how far the paper's Theorem 1 says that a swap can move the mean
    """
    semantic, confidence = SemanticMetrics(classes), ConfidenceMetrics()
    anomaly = {name: AnomalyMetrics() for name in SCORES}
    means, deviations = [], []
    for some in torch.arange(len(rows.labels)).split(16):
        sample = rows.batch(some, network.camera_channels)
        features = torch.cat(network.features(sample["image"], sample["lidar"]), 1)
        counted = sample["target"].flatten() != IGNORED
        logits = network.head(features).permute(0, 2, 3, 1).flatten(0, 2)[counted]
        target = sample["target"].flatten()[counted].numpy()
        known = target < OOD
        predicted = logits.argmax(1).numpy().astype(np.uint8)
        semantic.update(predicted, target)
        sure = logits.softmax(1).amax(1).clamp_max(1).numpy()
        confidence.update(sure[known], predicted[known] == target[known])
        for name, score in SCORES.items():
            anomaly[name].update(score(logits.T.numpy()), target == OOD)
        flat = features.permute(0, 2, 3, 1).flatten(0, 2)[counted]
        means.append(flat.mean(0))
        deviations.append(flat.std(0))
    camera, lidar = torch.stack(means).mean(0).split([network.camera_channels, network.lidar_channels])
    gap = (camera[:, None] - lidar[None]).abs().mean() / torch.stack(deviations).mean()
    return {
        "miou": semantic.result()["miou"],
        "ece": confidence.result()["ece"],
        "gap": float(gap),
        "scores": {n: {k: m.result()[k] for k in ("fpr95", "auroc", "aupr")} for n, m in anomaly.items()},
    }
