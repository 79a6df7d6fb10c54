"""Metrics of yes/no answers: accuracy by right answer, and area under the ROC curve.

Accuracy alone hides a model that always answers yes; AUC is independent of the decision threshold.
"""

from collections.abc import Sequence

import numpy as np

from plait.foundation.unified.metrics.bootstrap import Floats, Statistic


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Probability that a positive item has a higher score than a negative one; ties count half. NaN if either class is
    missing.
    """
    return float(auc_statistic(scores, labels)(np.ones((1, len(labels))))[0])


def auc_statistic(scores: Sequence[float], labels: Sequence[bool]) -> Statistic:
    """AUC of weighted items: Mann and Whitney's U over all pairs."""
    order = np.argsort(scores, kind="stable")
    sorted_scores = np.asarray(scores, np.float64)[order]
    yes = np.asarray(labels, bool)[order]
    ties = np.flatnonzero(np.r_[True, sorted_scores[1:] != sorted_scores[:-1]])  # start of each run of equal scores

    def statistic(weights: Floats) -> Floats:
        positive = np.add.reduceat(weights[:, order] * yes, ties, axis=1)
        negative = np.add.reduceat(weights[:, order] * ~yes, ties, axis=1)
        ahead = positive * (negative.cumsum(1) - negative / 2)
        pairs = positive.sum(1) * negative.sum(1)
        return np.divide(ahead.sum(1), pairs, out=np.full_like(pairs, np.nan), where=pairs > 0)

    return statistic
