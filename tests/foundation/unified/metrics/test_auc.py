"""The area under the ROC curve is the share of pairs ranked rightly."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.unified.metrics.auc import auc, auc_statistic

answers = st.lists(st.tuples(st.sampled_from([-2.0, -0.5, 0.0, 0.5, 3.0]), st.booleans()), min_size=1, max_size=40)


def by_pairs(items: list[tuple[float, bool]]) -> float:
    yes, no = ([leaning for leaning, right in items if right is sign] for sign in (True, False))
    wins = [(one > other) + 0.5 * (one == other) for one in yes for other in no]
    return sum(wins) / len(wins) if wins else float("nan")


@given(answers)
def test_auc_is_the_share_of_ordered_pairs_with_ties_as_half(items: list[tuple[float, bool]]) -> None:
    value = auc([leaning for leaning, _ in items], [right for _, right in items])
    assert value == pytest.approx(by_pairs(items), nan_ok=True)


@given(answers)
def test_only_the_order_counts_and_reversing_it_gives_one_minus_auc(items: list[tuple[float, bool]]) -> None:
    leanings, right = [leaning for leaning, _ in items], [right for _, right in items]
    assert auc([leaning**3 * 7 + 1 for leaning in leanings], right) == pytest.approx(auc(leanings, right), nan_ok=True)
    assert auc([-leaning for leaning in leanings], right) == pytest.approx(1 - auc(leanings, right), nan_ok=True)


def test_constant_and_random_scores_give_one_half_and_perfect_ones_1() -> None:
    rng = random.Random(1)
    right = [rng.random() < 0.5 for _ in range(2_000)]
    assert auc([1.0] * len(right), right) == 0.5
    assert auc([rng.random() for _ in right], right) == pytest.approx(0.5, abs=0.03)
    assert auc([float(one) for one in right], right) == 1.0


@given(answers, st.randoms())
def test_a_weight_of_three_equals_three_copies(items: list[tuple[float, bool]], rng: random.Random) -> None:
    weights = [rng.randint(0, 3) for _ in items]
    copies = [item for item, weight in zip(items, weights, strict=True) for _ in range(weight)]
    leanings, right = [leaning for leaning, _ in items], [sign for _, sign in items]
    (value,) = auc_statistic(leanings, right)(np.array([weights], float))
    assert value == pytest.approx(by_pairs(copies), nan_ok=True)
