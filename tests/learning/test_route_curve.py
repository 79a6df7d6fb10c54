"""The rule of routes, by answers that are known: thresholds keep what they promise where they were chosen."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.learning.route_curve import (
    BEST_ALONE,
    FREE,
    Chain,
    Cost,
    ModelAnswers,
    RouteGoal,
    RowOutcome,
    chosen_point,
    curve,
    estimates,
    in_order,
    routed_rows,
)


def answers(model: str, rows: str, cost: float, *, is_calibrated: bool = True) -> ModelAnswers:
    """A model by its rows: a digit is the confidence in tenths of a right answer, a letter (a=0, b=1 ...) of a wrong
    one.
    """
    return ModelAnswers(model, is_calibrated, tuple(row_outcome(each, cost, is_calibrated) for each in rows))


def row_outcome(sign: str, cost: float, is_calibrated: bool) -> RowOutcome:
    tenths = int(sign) if sign.isdigit() else ord(sign) - ord("a")
    return RowOutcome(sign.isdigit(), tenths / 10 if is_calibrated else None, Cost(0.0, cost))


SMALL = answers("small", "99998bbaaa", 1.0)
LARGE = answers("large", "9999999ccc", 10.0)

confidences = st.none() | st.sampled_from([0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.99])


@st.composite
def models(draw: st.DrawFn) -> list[ModelAnswers]:
    """Up to four models with answers to the same rows; at most one of them is not calibrated."""
    count = draw(st.integers(1, 24))
    made: list[ModelAnswers] = []
    for number in range(draw(st.integers(1, 4))):
        is_calibrated = number > 0 or draw(st.booleans())
        cost = Cost(draw(st.sampled_from([0.0, 0.001, 0.02])), draw(st.floats(0.01, 20)))
        rows = [
            RowOutcome(draw(st.booleans()), draw(confidences) if is_calibrated else None, cost) for _ in range(count)
        ]
        made.append(ModelAnswers(f"m{number}", is_calibrated, tuple(rows)))
    return in_order(made)


goals = st.one_of(
    st.just(BEST_ALONE),
    st.floats(0.05, 1).map(lambda share: RouteGoal(min_accuracy=share)),
    st.floats(0.01, 1).map(lambda share: RouteGoal(risk=share)),
)


@given(models(), goals)
def test_the_chosen_route_keeps_what_was_asked_on_the_rows_that_chose_it(
    known: Sequence[ModelAnswers], goal: RouteGoal
) -> None:
    points = curve(known)
    chosen = chosen_point(points, known, goal)
    if chosen is None:
        assert goal != BEST_ALONE and not goal.is_met(points[-1], 0)
        return
    rows = routed_rows(points[chosen].chain, known)
    right = sum(row.right for row in rows)
    assert right == points[chosen].right
    if goal.min_accuracy is not None:
        assert right / len(rows) >= goal.min_accuracy
    elif goal.risk is not None:
        assert (len(rows) - right + 1) / (len(rows) + 1) <= goal.risk
    else:
        assert all(right >= sum(row.right for row in each.rows) for each in known)


@given(models())
def test_along_the_curve_cost_and_right_answers_grow_and_nothing_beats_it(known: Sequence[ModelAnswers]) -> None:
    points = curve(known)
    assert all(one.cost <= other.cost and one.right < other.right for one, other in pairwise(points))
    for each in estimates(known):
        assert any(point.right >= each.right and point.cost <= each.cost for point in points)


@given(models(), goals)
def test_no_cheaper_route_that_was_tried_keeps_the_goal(known: Sequence[ModelAnswers], goal: RouteGoal) -> None:
    points = curve(known)
    chosen = chosen_point(points, known, goal)
    best = max(sum(row.right for row in each.rows) for each in known)
    cheaper = [each for each in estimates(known) if chosen is None or each.cost < points[chosen].cost]
    assert not any(goal.is_met(each, best) for each in cheaper)


@given(models())
def test_a_model_without_confidence_is_never_asked_before_another(known: Sequence[ModelAnswers]) -> None:
    for each in estimates(known):
        assert all(known[number].is_calibrated for number in each.chain.models[:-1])
        assert len(each.chain.thresholds) == len(each.chain.models) - 1
        assert list(each.chain.models) == sorted(set(each.chain.models))


@given(models())
def test_the_estimate_of_a_chain_is_what_its_rows_sum_to(known: Sequence[ModelAnswers]) -> None:
    for each in list(estimates(known))[:50]:
        rows = routed_rows(each.chain, known)
        assert each.right == sum(row.right for row in rows)
        seconds, money = (sum(getattr(row.cost, unit) for row in rows) / len(rows) for unit in ("seconds", "money"))
        assert (each.cost.seconds, each.cost.money) == pytest.approx((seconds, money))


def test_sure_answers_stay_with_the_small_model_and_the_others_go_on() -> None:
    point = curve([SMALL, LARGE])[chosen_point(curve([SMALL, LARGE]), [SMALL, LARGE], BEST_ALONE) or 0]
    assert point.chain == Chain((0, 1), (0.8,)) and point.right == 7
    assert point.cost.seconds == pytest.approx(1 + 10 * 0.5)
    assert [row.place for row in routed_rows(point.chain, [SMALL, LARGE])] == [0] * 5 + [1] * 5


def test_a_confidence_that_says_nothing_leaves_the_large_model_alone() -> None:
    """Negative control: the small model is as sure where it is wrong."""
    vain = answers("small", "88888iiiii", 1.0)
    points = curve([vain, LARGE])
    chosen = chosen_point(points, [vain, LARGE], BEST_ALONE)
    assert chosen is not None and points[chosen].chain == Chain((1,))


def test_a_goal_that_no_route_keeps_chooses_none() -> None:
    known = [SMALL, LARGE]
    assert chosen_point(curve(known), known, RouteGoal(min_accuracy=0.71)) is None
    assert chosen_point(curve(known), known, RouteGoal(min_accuracy=0.7)) is not None
    assert chosen_point(curve(known), known, RouteGoal(risk=0.36)) is None  # (3 + 1) / 11
    assert chosen_point(curve(known), known, RouteGoal(risk=0.37)) is not None


def test_money_counts_before_time() -> None:
    slow = replace(SMALL, model="slow", rows=tuple(replace(row, cost=Cost(0.0, 50.0)) for row in SMALL.rows))
    paid = replace(LARGE, model="paid", rows=tuple(replace(row, cost=Cost(0.01, 1.0)) for row in LARGE.rows))
    assert [each.model for each in in_order([paid, slow])] == ["slow", "paid"]
    last = answers("no confidence", "9999999999", 0.1, is_calibrated=False)
    assert [each.model for each in in_order([last, paid, slow])] == ["slow", "paid", "no confidence"]


def test_the_cost_of_a_row_without_an_answer_counts() -> None:
    failed = ModelAnswers("failing", True, (RowOutcome(False, None, Cost(0.0, 2.0)),) * 4)
    good = answers("good", "9999", 1.0)
    rows = routed_rows(Chain((0, 1), (0.5,)), [failed, good])
    assert [(row.place, row.right, row.cost) for row in rows] == [(1, True, Cost(0.0, 3.0))] * 4
    assert sum((row.cost for row in rows), FREE) == Cost(0.0, 12.0)
