"""Yes or no: accuracy split by the right answer, and how well the leaning towards yes ranks.

Accuracy alone hides a model that always says yes; the area under the ROC curve does not care where the line is drawn.
"""

from collections.abc import Sequence

import numpy as np

from plait.foundation.unified.metrics.bootstrap import Floats, Statistic


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that an item to be answered yes leans more to yes than one to be answered no, ties being half. NaN
    where one of the two is missing: then nothing can be ranked.
    """
    return float(auc_statistic(scores, labels)(np.ones((1, len(labels))))[0])


def auc_statistic(scores: Sequence[float], labels: Sequence[bool]) -> Statistic:
    """The same of weighted items: Mann and Whitney's U over all pairs."""
    order = np.argsort(scores, kind="stable")
    sorted_scores = np.asarray(scores, np.float64)[order]
    yes = np.asarray(labels, bool)[order]
    ties = np.flatnonzero(
        np.r_[True, sorted_scores[1:] != sorted_scores[:-1]]
    )  # where each run of equal leanings begins

    def statistic(weights: Floats) -> Floats:
        positive = np.add.reduceat(weights[:, order] * yes, ties, axis=1)
        negative = np.add.reduceat(weights[:, order] * ~yes, ties, axis=1)
        ahead = positive * (negative.cumsum(1) - negative / 2)
        pairs = positive.sum(1) * negative.sum(1)
        return np.divide(ahead.sum(1), pairs, out=np.full_like(pairs, np.nan), where=pairs > 0)

    return statistic
