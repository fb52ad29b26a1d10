"""Metrics that see every point once and stay in bounded memory."""

from fm_ood_ros.metrics.anomaly import AnomalyMetrics
from fm_ood_ros.metrics.confidence import ConfidenceMetrics
from fm_ood_ros.metrics.semantic import SemanticMetrics

__all__ = ["AnomalyMetrics", "ConfidenceMetrics", "SemanticMetrics"]
