"""Geometry of bars for means and their intervals: positions in percent, so that a bar scales with its container."""

from dataclasses import dataclass

from plait.core.evaluation.interval import Interval

WIDTH = 100.0


@dataclass(frozen=True)
class Bar:
    """A bar filled from 0 to `mean`, with a whisker from `low` to `high`."""

    low: float
    mean: float
    high: float


def bar(interval: Interval) -> Bar:
    """The bar of an interval in [0, 1]. Values outside, possible in foreign reports, are clipped to the edge."""
    mean = to_percent(interval.mean)
    return Bar(min(mean, to_percent(interval.low)), mean, max(mean, to_percent(interval.high)))


def to_percent(score: float) -> float:
    return round(min(1.0, max(0.0, score)) * WIDTH, 2)
