"""The report of a route: its curve and each model alone, measured on rows that did not choose, and whether it pays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from plait.core.evaluation.interval import Difference, difference, tally
from plait.core.evaluation.report_file import report_json
from plait.learning.route_curve import (
    Chain,
    ChainEstimate,
    Cost,
    ModelAnswers,
    RoutedRow,
    RouteGoal,
    routed_rows,
)
from plait.service.models.model_route import RouteFigures, RouteStep


@dataclass(frozen=True)
class CurvePoint:
    """A route of the curve. `estimate` is the share of right answers on the rows that chose it, `figures` are those of
    the other rows.
    """

    steps: tuple[RouteStep, ...]
    estimate: float
    figures: RouteFigures


@dataclass(frozen=True)
class ModelAlone:
    """A model that answers every row. `ahead` is the gain of the chosen route over it, in right answers; None without
    a route. `obstacle` says why it has no confidence.
    """

    model: str
    answered_by: str
    figures: RouteFigures
    ahead: Difference | None
    obstacle: str = ""


@dataclass(frozen=True)
class RouteReport:
    """What `plait route` found. `chosen` is the number of the point of the curve that keeps the goal, None if none
    does. The route is kept unless there are `objections`.
    """

    task: str
    fingerprint: str
    name: str
    goal: str
    data: str
    choosing: int
    measuring: int
    curve: tuple[CurvePoint, ...]
    chosen: int | None
    models: tuple[ModelAlone, ...]
    objections: tuple[str, ...]
    notes: tuple[str, ...]
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def route(self) -> CurvePoint | None:
        return None if self.chosen is None else self.curve[self.chosen]

    @property
    def has_prices(self) -> bool:
        return any(each.figures.money for each in self.models)

    def __str__(self) -> str:
        from plait.learning.route_text import report_text

        return report_text(self)

    def to_json(self) -> str:
        return report_json(self)


def figures(rows: Sequence[RoutedRow], places: int) -> RouteFigures:
    count = max(len(rows), 1)
    return RouteFigures(
        tally(float(row.right) for row in rows).score_interval,
        sum(row.cost.seconds for row in rows) / count,
        sum(row.cost.money for row in rows) / count,
        tuple(sum(row.place == place for row in rows) / count for place in range(places)),
    )


def curve_point(estimate: ChainEstimate, models: Sequence[ModelAnswers], steps: Sequence[RouteStep]) -> CurvePoint:
    """A point, measured by the answers of `models` to other rows. `steps` are those of the models, by number."""
    chain = estimate.chain
    own = tuple(
        RouteStep(step.model, threshold, step.answered_by, "" if threshold is None else step.calibration)
        for step, threshold in zip((steps[number] for number in chain.models), (*chain.thresholds, None), strict=True)
    )
    rows = routed_rows(chain, models)
    return CurvePoint(own, estimate.right / max(estimate.count, 1), figures(rows, len(own)))


def model_alone(
    number: int, models: Sequence[ModelAnswers], step: RouteStep, routed: Sequence[RoutedRow] | None, obstacle: str
) -> ModelAlone:
    rows = routed_rows(Chain((number,)), models)
    rights = [float(row.right) for row in rows]
    ahead = None if routed is None else difference([float(row.right) for row in routed], rights)
    return ModelAlone(step.model, step.answered_by, figures(rows, 1), ahead, obstacle)


def cost_of(own: RouteFigures) -> Cost:
    return Cost(own.money, own.seconds)


# ── whether it pays ──


def objections(route: CurvePoint | None, models: Sequence[ModelAlone], goal: RouteGoal, best: float) -> Iterator[str]:
    """Why a route is not kept. `best` is the share that the best route gets right, on the rows that choose."""
    if route is None:
        yield f"no route keeps the goal: the best is right in {best:.3f} of the rows that choose"
        return
    right = route.figures.right
    if goal.least_right is not None and right.high < goal.least_right:
        yield f"the goal is not kept on other rows: there {right} of the answers are right"
    if len(route.steps) > 1:
        yield from (f"{each.model} alone is right as often and costs no more" for each in models if equals(each, route))
    if goal.least_right is None:
        for each in models:
            if each.ahead is not None and each.ahead.gain.high < 0:
                yield f"{each.model} alone is right more often: the route is ahead by {each.ahead}"


def equals(alone: ModelAlone, route: CurvePoint) -> bool:
    is_as_right = alone.figures.right.mean >= route.figures.right.mean
    return is_as_right and cost_of(alone.figures) <= cost_of(route.figures)


def notes(route: CurvePoint | None, models: Sequence[ModelAlone]) -> Iterator[str]:
    """What a person should know before they use the route. `models` are in the order of their cost."""
    if route is not None and len(route.steps) == 1:
        model = route.steps[0].model
        others = "the cheapest model alone is sure enough" if model == models[0].model else "no cheaper one helps"
        yield f"routing does not pay: {model} alone keeps the goal, and {others}; the route names that model"
    for each in models:
        if each.obstacle:
            yield f"{each.model} has no confidence, since {each.obstacle}: it can only be the last"
