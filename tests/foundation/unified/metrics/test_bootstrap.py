"""Intervals of any measure are those that core gives to means, and cover what they should."""

import random

import numpy as np
import pytest

from plait.core.evaluation.interval import tally
from plait.foundation.unified.metrics.bootstrap import bootstrap_interval, ratio_statistic


def test_for_a_mean_the_interval_agrees_with_core_up_to_sampling() -> None:
    rng = random.Random(1)
    values = [rng.random() ** 2 for _ in range(300)]
    ours, theirs = bootstrap_interval(ratio_statistic(values), len(values)), tally(values).score_interval
    assert ours.mean == pytest.approx(theirs.mean) and ours.count == theirs.count
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)
    assert bootstrap_interval(ratio_statistic(values), len(values)) == ours, "the same items, the same interval"


def test_equal_items_leave_the_interval_of_core() -> None:
    assert bootstrap_interval(ratio_statistic([1.0] * 20), 20) == tally([1.0] * 20).score_interval
    assert bootstrap_interval(ratio_statistic([0.0] * 20), 20) == tally([0.0] * 20).score_interval


def test_for_a_ratio_the_interval_covers_the_true_value_about_as_often_as_stated() -> None:
    draw = np.random.default_rng(7)
    covered = 0
    for _ in range(150):
        reference_counts = draw.integers(1, 4, 120)
        right = draw.binomial(reference_counts, 0.7)
        interval = bootstrap_interval(ratio_statistic(right.tolist(), reference_counts.tolist()), 120)
        covered += interval.low <= 0.7 <= interval.high
    assert 0.88 <= covered / 150 <= 0.99


def test_an_undefined_measure_has_no_items() -> None:
    assert bootstrap_interval(ratio_statistic([]), 0).count == 0
    assert bootstrap_interval(ratio_statistic([0.0, 0.0], [0.0, 0.0]), 2).count == 0
    seldom = bootstrap_interval(ratio_statistic([1.0, 0.0, 0.0], [1.0, 0.0, 0.0]), 3)
    assert (seldom.mean, seldom.count) == (1.0, 3), "draws without the one item that counts are left out"


def test_scores_may_exceed_one() -> None:
    assert bootstrap_interval(ratio_statistic([10.0] * 30), 30, maximum=10.0).high == 10.0
