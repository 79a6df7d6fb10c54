"""Means and their intervals as bars: positions in per cent of the width, so that a bar is as wide as its place."""

from dataclasses import dataclass

from plait.core.evaluation.interval import Interval

WIDTH = 100.0


@dataclass(frozen=True)
class Bar:
    """Filled from 0 to `mean`, with a whisker from `low` to `high`."""

    low: float
    mean: float
    high: float


def bar(interval: Interval) -> Bar:
    """Scores lie in [0, 1]; what a report by another hand says beyond is drawn at the edge."""
    mean = to_percent(interval.mean)
    return Bar(min(mean, to_percent(interval.low)), mean, max(mean, to_percent(interval.high)))


def to_percent(score: float) -> float:
    return round(min(1.0, max(0.0, score)) * WIDTH, 2)
