"""Intervals have their stated coverage, and a real difference is distinguished from chance."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.evaluation.interval import MAX_KEPT_VALUES, difference, tally

shares = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(shares)
def test_the_mean_lies_in_its_interval_and_both_in_0_to_1(values: list[float]) -> None:
    interval = tally(values).score_interval
    assert interval.mean == pytest.approx(sum(values) / len(values))
    assert 0 <= interval.low <= interval.mean + 1e-9 and interval.mean - 1e-9 <= interval.high <= 1
    assert tally(values).score_interval == interval, "the same rows, the same interval"


def test_the_interval_covers_the_true_value_about_as_often_as_stated() -> None:
    draw = random.Random(5)
    covered = 0
    for _ in range(200):
        interval = tally(float(draw.random() < 0.3) for _ in range(80)).score_interval
        covered += interval.low <= 0.3 <= interval.high
    assert 0.90 <= covered / 200 <= 0.99


def test_equal_rows_leave_an_interval_that_shrinks_with_their_number() -> None:
    few, many = tally([1.0] * 10).score_interval, tally([1.0] * 300).score_interval
    assert (few.low, few.high) == (0.7, 1.0) and many.low == pytest.approx(0.99)
    assert tally([0.0] * 10).score_interval.high == pytest.approx(0.3)


def test_many_rows_are_summed_and_not_stored() -> None:
    draw = random.Random(3)
    values = [draw.random() for _ in range(MAX_KEPT_VALUES + 1)]
    many, few = tally(values), tally(values[:MAX_KEPT_VALUES])
    assert len(many.values) == MAX_KEPT_VALUES and many.score_interval.count == MAX_KEPT_VALUES + 1
    assert many.score_interval.low == pytest.approx(few.score_interval.low, abs=0.004)
    assert many.score_interval.high == pytest.approx(few.score_interval.high, abs=0.004)


def test_a_paired_difference_is_more_precise_than_two_intervals() -> None:
    draw = random.Random(1)
    theirs = [draw.random() for _ in range(60)]
    ours = [min(1.0, value + 0.05) for value in theirs]
    assert tally(ours).score_interval.low < tally(theirs).score_interval.high, "each by itself they overlap"
    interval = difference(ours, theirs)
    assert interval.significant and interval.losses == 0 and interval.wins >= 58
    same = difference(theirs, theirs)
    assert not same.significant and (same.wins, same.losses) == (0, 0)
    worse = difference(theirs, ours)
    assert worse.significant and worse.gain.mean == pytest.approx(-interval.gain.mean)
    assert "may be chance" in str(difference([0.0, 1.0, 0.0], [1.0, 0.0, 0.0]))
