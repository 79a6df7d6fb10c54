"""Confidence intervals of measures over many items, including those that are not means: F1, CIDEr-D, AUC, AP.

The percentile bootstrap of `core/evaluation/interval.py` in terms of weights: a resample is the number of times each
item was sampled, and a measure evaluates all resamples at once.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from plait.core.evaluation.interval import LEVEL, RESAMPLES, Interval

Floats: TypeAlias = NDArray[np.float64]
# From weights (resamples, items) to values (resamples,). NaN for a resample in which the measure is undefined.
Statistic: TypeAlias = Callable[[Floats], Floats]

EMPTY_INTERVAL = Interval(0.0, 0.0, 0.0, 0)  # interval of a measure that applies to no item


def bootstrap_interval(statistic: Statistic, count: int, resamples: int = RESAMPLES, maximum: float = 1.0) -> Interval:
    """Interval of a measure in [0, maximum] over `count` items. Seeded: the same items give the same interval.

    If all resamples have the same value, the interval follows the rule of three, as in core. EMPTY_INTERVAL if the
    measure is undefined.
    """
    value = float(statistic(np.ones((1, count)))[0]) if count else np.nan
    if np.isnan(value):
        return EMPTY_INTERVAL
    low, high = percentile_bounds(statistic(bootstrap_weights(count, resamples)))
    margin = 3 / count * maximum if low == high else 0.0
    return Interval(value, max(0.0, low - margin), min(maximum, high + margin), count)


def percentile_bounds(values: Floats) -> tuple[float, float]:
    ordered = np.sort(values[~np.isnan(values)])
    num_cut = int(len(ordered) * (1 - LEVEL) / 2)
    return float(ordered[num_cut]), float(ordered[-1 - num_cut])


@lru_cache(maxsize=8)
def bootstrap_weights(count: int, resamples: int) -> Floats:
    """(resamples, items): how often each item was sampled; each resample has as many samples as items."""
    samples = np.random.default_rng(count).integers(count, size=(resamples, count))
    cells = samples + count * np.arange(resamples)[:, None]  # half the time of multinomial samples
    return np.bincount(cells.ravel(), minlength=resamples * count).reshape(resamples, count).astype(np.float64)


def ratio_statistic(numerators: Sequence[float], denominators: Sequence[float] | None = None) -> Statistic:
    """Sum of numerators over sum of denominators; without denominators the mean."""
    numerator = np.asarray(numerators, np.float64)
    denominator = np.ones_like(numerator) if denominators is None else np.asarray(denominators, np.float64)

    def statistic(weights: Floats) -> Floats:
        total = weights @ denominator
        return np.divide(weights @ numerator, total, out=np.full_like(total, np.nan), where=total > 0)

    return statistic
