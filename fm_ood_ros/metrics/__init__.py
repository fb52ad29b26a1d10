"""Metrics that see every point once and stay in bounded memory."""

from fm_ood_ros.metrics.anomaly import AnomalyMetrics
from fm_ood_ros.metrics.bootstrap import differences, intervals
from fm_ood_ros.metrics.confidence import ConfidenceMetrics
from fm_ood_ros.metrics.objects import ObjectMetrics
from fm_ood_ros.metrics.ranges import RangeMetrics
from fm_ood_ros.metrics.scenes import SceneClasses, SceneScores
from fm_ood_ros.metrics.semantic import SemanticMetrics

__all__ = [
    "AnomalyMetrics",
    "ConfidenceMetrics",
    "ObjectMetrics",
    "RangeMetrics",
    "SceneClasses",
    "SceneScores",
    "SemanticMetrics",
    "differences",
    "intervals",
]
