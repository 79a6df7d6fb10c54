"""What a route costs, and when it is refused: by answers that are known."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from plait import task
from plait.core.engine.chat import ChatEngine
from plait.core.evaluation.aggregation import RowReply
from plait.core.evaluation.evaluate import EvaluationCase
from plait.core.evaluation.rows import DatasetRow
from plait.core.prompting.example_rows import Example
from plait.learning.route_answers import candidate_plan, row_outcome
from plait.learning.route_candidates import RouteCandidate
from plait.learning.route_curve import BEST_ALONE, Cost, ModelAnswers, RouteGoal, RowOutcome, curve, routed_rows
from plait.learning.route_report import CurvePoint, ModelAlone, RouteReport, curve_point, figures, model_alone, notes
from plait.learning.route_report import objections as objections_of
from plait.learning.route_text import comparison_line, report_text
from plait.service.models.model_route import RouteFigures, RouteStep
from tests.support.scripted_chat_model import ScriptedChatModel


@task
def weather(text: str) -> Literal["rain", "sun"]:
    """Which weather is in {text}?"""
    ...


STEPS = [RouteStep("small", None, "small@1", "c"), RouteStep("large", None, "large@1")]


def answers(model: str, right: str, confidence: str, cost: Cost) -> ModelAnswers:
    """A row per character: whether it is right (+ or -), and its confidence in tenths."""
    rows = [RowOutcome(sign == "+", int(tenth) / 10, cost) for sign, tenth in zip(right, confidence, strict=True)]
    return ModelAnswers(model, True, tuple(rows))


def small(right: str = "+++--", confidence: str = "99922") -> ModelAnswers:
    return answers("small", right * 8, confidence * 8, Cost(0.0, 1.0))


def large(right: str = "+++++", cost: Cost = Cost(0.0, 4.0)) -> ModelAnswers:  # noqa: B008
    return answers("large", right * 8, "5" * 5 * 8, cost)


def point(choosing: list[ModelAnswers], measuring: list[ModelAnswers], number: int = -1) -> CurvePoint:
    return curve_point(curve(choosing)[number], measuring, STEPS)


def alone(choosing: list[ModelAnswers], measuring: list[ModelAnswers]) -> list[ModelAlone]:
    """The models beside the most accurate route."""
    routed = routed_rows(curve(choosing)[-1].chain, measuring)
    return [model_alone(number, measuring, step, routed, "") for number, step in enumerate(STEPS)]


def objections(choosing: list[ModelAnswers], measuring: list[ModelAnswers], goal: RouteGoal = BEST_ALONE) -> list[str]:
    return list(objections_of(point(choosing, measuring), alone(choosing, measuring), goal, 0.5))


def test_a_row_costs_what_its_tokens_cost_and_its_seconds() -> None:
    engine = ChatEngine(ScriptedChatModel())
    candidate = RouteCandidate("gpu-box", engine, None, "it is not calibrated", (0.5, 2.0))
    row = DatasetRow(weather.declaration, 1, "rows.jsonl:1", b'{"text": "wet", "answer": "rain"}')
    reply = RowReply(1, "rain", seconds=0.25, model="gpu-box", prompt_tokens=1_000, answer_tokens=100)
    case = EvaluationCase(row, Example({"text": "wet"}, "rain"), reply, {})
    assert row_outcome(weather.declaration, candidate, case) == RowOutcome(True, None, Cost(0.0007, 0.25))
    wrong = replace(case, reply=replace(reply, answer="sun"))
    assert row_outcome(weather.declaration, candidate, wrong).right is False
    failed = replace(case, reply=RowReply(1, error="InvalidAnswer: no", seconds=0.5))
    assert row_outcome(weather.declaration, candidate, failed) == RowOutcome(False, None, Cost(0.0, 0.5))


def test_the_version_that_answers_now_is_asked_by_its_own_name() -> None:
    def asked_name(name: str) -> str | None:
        candidate = RouteCandidate("smollm2", ChatEngine(ScriptedChatModel(name=name)), None)
        return candidate_plan(weather.declaration, Path("rows.jsonl"), candidate, 4, False).options.model

    assert asked_name("smollm2/weather@3") == "smollm2/weather@3"
    assert asked_name("smollm2/weather") == asked_name("smollm2") == "smollm2"


def test_figures_are_those_of_rows_that_did_not_choose() -> None:
    better = point([small(), large()], [small(), large()])
    assert better.steps == (replace(STEPS[0], threshold=0.9), STEPS[1]) and better.estimate == 1
    assert better.figures.right.mean == 1 and better.figures.shares == pytest.approx((0.6, 0.4))
    assert better.figures.seconds == pytest.approx(1 + 0.4 * 4)
    worse = point([small(), large()], [small("++-++"), large()])
    assert worse.estimate == 1 and worse.figures.right.mean == pytest.approx(0.8)


def test_a_route_that_is_as_right_as_the_best_and_cheaper_is_kept() -> None:
    assert objections([small(), large()], [small(), large()]) == []


def test_no_route_is_kept_that_a_model_alone_equals_at_no_more_cost() -> None:
    measuring = [small(), large(cost=Cost(0.0, 1.5))]
    assert objections([small(), large()], measuring) == ["large alone is right as often and costs no more"]


def test_no_route_is_kept_that_is_right_less_often_beyond_chance() -> None:
    choosing, measuring = [small(), large()], [small("+-++-"), large("+++++")]
    (found,) = objections(choosing, measuring)
    assert found.startswith("large alone is right more often: the route is ahead by -0.200 [-0.")
    assert objections(choosing, measuring, RouteGoal(min_accuracy=0.75)) == []


def test_a_goal_that_other_rows_do_not_keep_is_an_objection() -> None:
    choosing, measuring = [small(), large()], [small("++-++"), large("++++-")]
    for goal in (RouteGoal(min_accuracy=0.9), RouteGoal(risk=0.1)):
        assert objections(choosing, measuring, goal)[0].startswith("the goal is not kept on other rows: there 0.600 [")
    assert not any("goal" in each for each in objections(choosing, measuring, RouteGoal(min_accuracy=0.65)))
    (none,) = objections_of(None, alone(choosing, measuring), BEST_ALONE, 0.5)
    assert none == "no route keeps the goal: the best is right in 0.500 of the rows that choose"


def test_one_model_that_suffices_is_named_with_the_reason() -> None:
    models = [small(), large()]
    beside = alone(models, models)
    first, last = (point(models, models, number) for number in (0, -1))
    assert "the cheapest model alone is sure enough" in next(notes(first, beside))
    only_large = CurvePoint((STEPS[1],), last.estimate, last.figures)
    assert "large alone keeps the goal, and no cheaper one helps" in next(notes(only_large, beside))
    mute = [beside[0], replace(beside[1], obstacle="it is not calibrated")]
    assert list(notes(last, mute)) == ["large has no confidence, since it is not calibrated: it can only be the last"]


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        (Cost(0.0, 1.0), Cost(0.0, 4.0), "75% less time"),
        (Cost(0.0, 1.0), Cost(0.0, 0.8), "25% more time"),
        (Cost(0.0, 8.0), Cost(0.0, 2.0), "4.0 times the time"),
        (Cost(0.0, 1.0), Cost(0.0, 1.001), "the same time"),
        (Cost(0.2, 9.0), Cost(0.8, 1.0), "75% less money"),
        (Cost(0.2, 1.0), Cost(0.0, 9.0), "it takes no money"),
    ],
)
def test_savings_are_in_money_where_money_is_paid(ours: Cost, theirs: Cost, text: str) -> None:
    models = [small(), large()]
    route = point(models, models)
    own = replace(route, figures=cost_figures(route.figures, ours))
    other = alone(models, models)[1]
    assert comparison_line(replace(other, figures=cost_figures(other.figures, theirs)), own).endswith(f"; {text}")


def cost_figures(own: RouteFigures, cost: Cost) -> RouteFigures:
    return replace(own, money=cost.money, seconds=cost.seconds)


def test_a_long_curve_shows_its_ends_and_the_chosen_point_and_money_has_a_column() -> None:
    models = [small(), large(cost=Cost(0.002, 1.0))]
    route = point(models, models)
    thresholds = (replace(route.steps[0], threshold=number / 100) for number in range(40))
    points = tuple(replace(route, steps=(first, STEPS[1])) for first in thresholds)
    report = RouteReport("weather", "f", "weather-route", "goal", "rows", 40, 40, points, 17,
                         tuple(alone(models, models)), (), ())  # fmt: skip
    text = report_text(report)
    marked = [line for line in text.splitlines() if line.startswith("→")]
    assert len(marked) == 1 and "small ≥ 0.17, else large" in marked[0] and "money per 1,000" in text
    assert "small ≥ 0, else large" in text and "small ≥ 0.39, else large" in text
    assert 10 <= sum("else large" in line for line in text.splitlines()) <= 11
    assert report.has_prices and figures([], 1).seconds == 0
