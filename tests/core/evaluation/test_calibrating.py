"""Fitting and measuring confidence: the figures agree with their definitions, and a fit with the truth."""

import random
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.calibration import Calibration, Judgement, sigmoid
from plait.core.engine.signals import ValueSignals
from plait.core.engine.token_probs import LeafProbs
from plait.core.evaluation.calibrate import measure
from plait.core.evaluation.calibration import (
    JudgedAnswer,
    calibration_error,
    coverage_accuracy,
    figures,
    fit_models,
    separation,
)
from plait.core.evaluation.logistic import Observation, fit, solve

judgements = st.lists(
    st.builds(Judgement, st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=30
)


@given(judgements)
def test_separation_is_the_share_of_pairs_in_which_the_right_one_is_surer(known: list[Judgement]) -> None:
    pairs = [(one.confidence, other.confidence) for one in known if one.right for other in known if not other.right]
    expected = sum((one > other) + (one == other) / 2 for one, other in pairs) / len(pairs) if pairs else 0.5
    assert separation(known) == pytest.approx(expected)


def test_the_calibration_error_is_0_for_the_truth_and_grows_with_the_distance() -> None:
    draw = random.Random(3)
    truth = [Judgement(p := draw.random(), draw.random() < p) for _ in range(20_000)]
    assert calibration_error(truth) < 0.02
    assert calibration_error([Judgement(1.0, False)] * 50) == 1
    assert calibration_error([Judgement(0.75, index % 4 > 0) for index in range(400)]) == pytest.approx(0)


def test_accuracy_over_coverage_begins_with_all_and_goes_on_to_the_surest() -> None:
    known = [Judgement(0.9, True)] * 2 + [Judgement(0.1, False)] * 8
    assert dict(coverage_accuracy(known)) == {1.0: 0.2, 0.8: 0.25, 0.6: 2 / 6, 0.4: 0.5, 0.2: 1.0}


def test_a_fit_finds_the_weights_and_the_groups_that_made_the_data() -> None:
    draw = random.Random(5)
    rows: list[Observation] = []
    for _ in range(6_000):
        group, value = draw.choice(["common", "easy"]), draw.uniform(-3, 3)
        chance = sigmoid(0.5 + 1.2 * value + (1.5 if group == "easy" else 0.0))
        rows.append(Observation((value,), draw.random() < chance, group))
    model = fit(rows)
    for group, bias in (("common", 0.0), ("easy", 1.5)):
        for value in (-2.0, 0.0, 2.0):
            assert model.probability((value,), group) == pytest.approx(sigmoid(0.5 + 1.2 * value + bias), abs=0.04)


def test_a_field_with_few_values_stays_near_the_others() -> None:
    rows = [Observation((0.0,), index % 2 == 0, "common") for index in range(400)]
    model = fit([*rows, Observation((0.0,), True, "rare")])
    assert 0.5 < model.probability((0.0,), "rare") < 0.8


def test_answers_that_are_never_right_have_little_confidence_but_some() -> None:
    model = fit([Observation((float(index % 7),), False) for index in range(100)], grouped=False)
    assert 0 < model.probability((3.0,)) < 0.05


@given(st.lists(st.integers(-9, 9), min_size=9, max_size=9), st.lists(st.integers(-9, 9), min_size=3, max_size=3))
def test_the_solution_of_a_system_solves_it(numbers: list[int], vector: list[int]) -> None:
    matrix = [
        [float(numbers[3 * row + column]) + (25 if row == column else 0) for column in range(3)] for row in range(3)
    ]
    solution = solve(matrix, [float(each) for each in vector])
    for row, value in zip(matrix, vector, strict=True):
        assert sum(one * other for one, other in zip(row, solution, strict=True)) == pytest.approx(value)


def made_answers(count: int, seed: int) -> list[JudgedAnswer]:
    """Answers of two values whose shares say how likely they are right."""
    draw = random.Random(seed)
    made: list[JudgedAnswer] = []
    for _ in range(count):
        totals = {path: -draw.expovariate(1.0) for path in ("label", "lines.0.price")}
        right = {path: draw.random() < exp(total) for path, total in totals.items()}
        signals = {path: ValueSignals(LeafProbs(total, total, 1)) for path, total in totals.items()}
        signals[""] = ValueSignals(LeafProbs(sum(totals.values()), min(totals.values()), 2))
        made.append(JudgedAnswer(signals, right, all(right.values())))
    return made


def test_confidence_fitted_on_one_half_is_calibrated_on_the_other() -> None:
    draft = Calibration("t", "f", "m@1", 4, "", 0.5, 0.3, *fit_models(made_answers(600, 1)), ())
    calibrated, found = measure(draft, made_answers(600, 2))
    assert found.values.count == 1_200 and found.missing == 0 and len(calibrated.judgements) == 600
    assert found.values.ece.mean < 0.06 and found.answers.ece.mean < 0.08
    assert found.values.auroc and found.values.auroc.low > 0.7 and found.answers.auroc and found.answers.auroc.low > 0.7


def test_figures_of_values_that_are_all_right_have_no_separation() -> None:
    found = figures([[Judgement(0.9, True)]] * 20, 1.0)
    assert found.auroc is None and found.right == 1 and found.base_ece == 0
