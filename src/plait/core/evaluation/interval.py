"""Uncertainty of a mean: bootstrap intervals, and the paired difference of two systems on the same rows."""

import math
import random
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LEVEL = 0.95
RESAMPLES = 1_000
# Above this number of rows the bootstrap and the normal approximation agree to the third digit, and only sums are kept.
MAX_KEPT_VALUES = 2_000


@dataclass(frozen=True)
class Interval:
    """The mean of `count` rows with its 95 % confidence interval."""

    mean: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass
class Tally:
    """Running statistics of a stream of numbers, of any length."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.squares += value * value
        if self.count <= MAX_KEPT_VALUES:
            self.values.append(value)

    @property
    def mean_interval(self) -> Interval:
        """Percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13), seeded: equal rows give equal
        intervals.
        """
        if not self.count:
            return Interval(0.0, 0.0, 0.0, 0)
        mean = self.total / self.count
        if self.count <= MAX_KEPT_VALUES:
            return Interval(mean, *bootstrap(self.values), self.count)
        half = 1.96 * math.sqrt(max(0.0, self.squares / self.count - mean * mean) / self.count)
        return Interval(mean, mean - half, mean + half, self.count)

    @property
    def score_interval(self) -> Interval:
        """Interval of scores in [0, 1].

        Rows with identical scores resample to a single value; the rule of three then gives the bound (Hanley and
        Lippman-Hand 1983).
        """
        spread = self.mean_interval
        doubt = 3 / self.count if self.count and spread.low == spread.high else 0.0
        return Interval(spread.mean, max(0.0, spread.low - doubt), min(1.0, spread.high + doubt), self.count)


def tally(values: Iterable[float]) -> Tally:
    found = Tally()
    for value in values:
        found.add(value)
    return found


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """The bounds that contain 95 % of the means of resampled rows."""
    draw, size = random.Random(len(values)), len(values)
    means = sorted(sum(draw.choices(values, k=size)) / size for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - LEVEL) / 2)
    return means[cut], means[-1 - cut]


@dataclass(frozen=True)
class Difference:
    """The gain of one system over another on the same rows; `wins` rows are better, `losses` are worse."""

    gain: Interval
    wins: int
    losses: int

    @property
    def significant(self) -> bool:
        """Whether the interval excludes zero."""
        return self.gain.low > 0 or self.gain.high < 0

    def __str__(self) -> str:
        text = "" if self.significant else ", which may be chance"
        return (
            f"{self.gain.mean:+.3f} [{self.gain.low:+.3f}, {self.gain.high:+.3f}]"
            f" (better on {self.wins}, worse on {self.losses} of {self.gain.count} rows{text})"
        )


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Paired difference of two systems: row by row, so that a row's difficulty cancels out."""
    each = [mine - other for mine, other in zip(ours, theirs, strict=True)]
    return Difference(tally(each).mean_interval, sum(one > 0 for one in each), sum(one < 0 for one in each))
