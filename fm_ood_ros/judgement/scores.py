"""Anomaly scores [..] of logits [C,..]: higher is stranger, each the negative of a published confidence.

Where the probabilities [C,..] are known already they are taken as `p`, which saves the exponentials.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
Score = Callable[..., NDArray[np.float32]]


def largest(logits: Logits) -> NDArray[np.uint8]:
    """argmax_c z_c of logits [C,M], row by row: along the strided axis it takes three times as long."""
    best, which = logits[0].copy(), np.zeros(logits.shape[1:], np.uint8)
    for index in range(1, len(logits)):
        np.copyto(which, np.uint8(index), where=logits[index] > best)
        np.maximum(best, logits[index], out=best)
    return which


def below_largest(logits: Logits) -> Logits:
    """z_c - max z of logits [C,...], so that no exponential overflows."""
    return np.asarray(logits - logits.max(0))


def probabilities(logits: Logits) -> Logits:
    """Softmax [C,...] of logits [C,...]."""
    e = np.exp(below_largest(logits))
    return np.asarray(e / e.sum(0))


def confidence(logits: Logits) -> NDArray[np.float32]:
    """max_c p_c = 1 / sum_c exp(z_c - max z)."""
    return np.asarray(1 / np.exp(below_largest(logits)).sum(0))


def msp(logits: Logits, p: Logits | None = None) -> NDArray[np.float32]:
    """-max_c p_c, maximum softmax probability (Hendrycks and Gimpel, ICLR 2017)."""
    return -(confidence(logits) if p is None else p.max(0))


def max_logit(logits: Logits, p: Logits | None = None) -> NDArray[np.float32]:
    """-max_c z_c, maximum logit (Hendrycks et al., ICML 2022)."""
    return np.asarray(-logits.max(0))


def energy(logits: Logits, p: Logits | None = None) -> NDArray[np.float32]:
    """-log sum_c exp z_c, free energy at temperature 1 (Liu et al., NeurIPS 2020)."""
    return np.asarray(-(logits.max(0) + np.log(np.exp(below_largest(logits)).sum(0))))


def entropy(logits: Logits, p: Logits | None = None) -> NDArray[np.float32]:
    """-sum_c p_c log p_c in nats (Chan et al., ICCV 2021, for segmentation), = log S - sum_c e_c d_c / S.

    d_c = z_c - max z, e_c = exp d_c, S = sum_c e_c: both terms are positive, so that nothing cancels.
    """
    below = below_largest(logits)
    e = np.exp(below)
    total = e.sum(0)
    return np.asarray(np.log(total) - (e * below).sum(0) / total)


def gen(logits: Logits, p: Logits | None = None) -> NDArray[np.float32]:
    """sum_c p_c^g (1 - p_c)^g with g = 0.1, generalised entropy (Liu et al., CVPR 2023).

    1 - p of a nearly certain class is the sum of the others: a difference would round to nothing, and the tenth
    power turns that into a jump of 0.2.
    """
    p = probabilities(logits) if p is None else p
    likely, rest = p > 0.5, 1 - p
    np.copyto(rest, (p * ~likely).sum(0), where=likely)
    rest *= p
    with np.errstate(divide="ignore"):  # of nothing is left nothing
        np.log(rest, out=rest)
    rest *= p.dtype.type(0.1)
    return np.asarray(np.exp(rest, out=rest).sum(0))  # a power takes twice as long as logarithm and exponential


SCORES: dict[str, Score] = {
    "msp": msp,
    "max_logit": max_logit,
    "energy": energy,
    "entropy": entropy,
    "gen": gen,
}
