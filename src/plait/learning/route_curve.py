"""The trade-off curve of routes: for every cost, the models and thresholds with which most rows are right.

Every model has answered every row once, so that any route can be computed from these answers (Chen et al. 2023,
FrugalGPT). The cost of a model is the mean of its answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

LEVELS = 10  # thresholds that are tried for a model: with more of them the curve follows the rows that chose it


@dataclass(frozen=True, order=True)
class Cost:
    """What an answer costs. Money counts first: where none is paid, time does."""

    money: float
    seconds: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.money + other.money, self.seconds + other.seconds)

    def __mul__(self, share: float) -> "Cost":
        return Cost(self.money * share, self.seconds * share)


FREE = Cost(0.0, 0.0)


@dataclass(frozen=True)
class RowOutcome:
    """The answer of a model to a row: whether all of it is right, its confidence, None if unknown, and its cost."""

    right: bool
    confidence: float | None
    cost: Cost


@dataclass(frozen=True)
class ModelAnswers:
    """The answers of one model to the rows, in their order. One that is not calibrated can only be a last one."""

    model: str
    is_calibrated: bool
    rows: tuple[RowOutcome, ...]

    @cached_property
    def cost(self) -> Cost:
        """The mean of its answers."""
        return sum((row.cost for row in self.rows), FREE) * (1 / max(len(self.rows), 1))

    @cached_property
    def right(self) -> int:
        """The rows that are right, as bits."""
        return bits(row.right for row in self.rows)

    def sure(self, threshold: float) -> int:
        """The rows with at least this confidence, as bits."""
        return bits(row.confidence is not None and row.confidence >= threshold for row in self.rows)

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """Confidences that a tenth of the rows reach, two tenths, and so on."""
        ranked = sorted((row.confidence for row in self.rows if row.confidence is not None), reverse=True)
        ends = {len(ranked) * level // LEVELS for level in range(1, LEVELS + 1)}
        return tuple(sorted({ranked[end - 1] for end in ends if end}, reverse=True)) if self.is_calibrated else ()

    def part(self, numbers: Sequence[int]) -> "ModelAnswers":
        """The answers to some of the rows."""
        return ModelAnswers(self.model, self.is_calibrated, tuple(self.rows[number] for number in numbers))


@dataclass(frozen=True)
class Chain:
    """Models by their number, in the order in which they are asked, and the thresholds of all but the last one."""

    models: tuple[int, ...]
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True)
class ChainEstimate:
    """What a chain is worth on the rows that choose: how many of `count` are right, and the mean cost."""

    chain: Chain
    right: int
    count: int
    cost: Cost


def bits(values: Iterator[bool] | Sequence[bool]) -> int:
    return sum(1 << place for place, value in enumerate(values) if value)


def in_order(models: Sequence[ModelAnswers]) -> list[ModelAnswers]:
    """In the order in which they are asked: the cheapest first, one without confidence last."""
    return sorted(models, key=lambda each: (not each.is_calibrated, each.cost, each.model))


def chains(models: Sequence[ModelAnswers]) -> Iterator[Chain]:
    """Every chain of these models, in their order; at each threshold that is tried."""
    for last in range(len(models)):
        for chosen in product(*((None, *each.thresholds) for each in models[:last])):
            asked = [(number, threshold) for number, threshold in enumerate(chosen) if threshold is not None]
            yield Chain((*(number for number, _ in asked), last), tuple(threshold for _, threshold in asked))


def estimates(models: Sequence[ModelAnswers]) -> Iterator[ChainEstimate]:
    count = len(models[0].rows)
    sure = {(number, each): model.sure(each) for number, model in enumerate(models) for each in model.thresholds}
    for chain in chains(models):
        left, right, cost = (1 << count) - 1, 0, FREE
        for number, threshold in zip(chain.models, (*chain.thresholds, None), strict=True):
            cost += models[number].cost * (left.bit_count() / max(count, 1))
            answered = left if threshold is None else left & sure[number, threshold]
            right += (answered & models[number].right).bit_count()
            left &= ~answered
        yield ChainEstimate(chain, right, count, cost)


def curve(models: Sequence[ModelAnswers]) -> list[ChainEstimate]:
    """The chains that no cheaper one equals: each costs more than the one before, and is right more often."""
    points: list[ChainEstimate] = []
    for each in sorted(estimates(models), key=lambda each: (each.cost, -each.right, len(each.chain.models))):
        if not points or each.right > points[-1].right:
            points.append(each)
    return points


@dataclass(frozen=True)
class RouteGoal:
    """What a route has to keep on the rows that choose: a share of right answers, a share of wrong ones at most, or
    else as many right answers as the best model alone.

    The risk counts one wrong answer more than there were, as the option `risk` of a call does.
    """

    min_accuracy: float | None = None
    risk: float | None = None

    def is_met(self, point: ChainEstimate, best: int) -> bool:
        """`best` is the number of rows that the best model alone gets right."""
        if self.min_accuracy is not None:
            return point.right / point.count >= self.min_accuracy
        if self.risk is not None:
            return (point.count - point.right + 1) / (point.count + 1) <= self.risk
        return point.right >= best

    @property
    def least_right(self) -> float | None:
        """The share that has to be right; None if it depends on the models."""
        return self.min_accuracy if self.risk is None else 1 - self.risk

    def __str__(self) -> str:
        if self.min_accuracy is not None:
            return f"at least {self.min_accuracy:g} of the answers right"
        return "as often right as the best model alone" if self.risk is None else f"at most {self.risk:g} of them wrong"


BEST_ALONE = RouteGoal()


def chosen_point(points: Sequence[ChainEstimate], models: Sequence[ModelAnswers], goal: RouteGoal) -> int | None:
    """The number of the cheapest point of the curve that keeps the goal; None if none does."""
    best = max(each.right.bit_count() for each in models)
    return next((number for number, point in enumerate(points) if goal.is_met(point, best)), None)


# ── a chain row by row ──


@dataclass(frozen=True)
class RoutedRow:
    """What a chain does with a row: the place of the model that answers, whether it is right, and the cost of all."""

    place: int
    right: bool
    cost: Cost


def routed_rows(chain: Chain, models: Sequence[ModelAnswers]) -> list[RoutedRow]:
    return [routed_row(chain, models, row) for row in range(len(models[0].rows))]


def routed_row(chain: Chain, models: Sequence[ModelAnswers], row: int) -> RoutedRow:
    cost = FREE
    for place, number in enumerate(chain.models):
        answer = models[number].rows[row]
        cost += answer.cost
        is_last = place == len(chain.thresholds)
        if is_last or (answer.confidence is not None and answer.confidence >= chain.thresholds[place]):
            return RoutedRow(place, answer.right, cost)
    raise AssertionError("a chain has a last model")
