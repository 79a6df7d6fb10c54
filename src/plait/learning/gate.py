"""The gate: whether a candidate replaces the champion, by a rule that is fixed before either is scored.

Both answer the same held-out rows. The candidate has to gain, must not lose on any part of the rows, and has to be the
same model on the server as in training (plait.learning.parity).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from plait.core.evaluation.aggregation import MAX_SLICE_VALUES
from plait.core.evaluation.interval import Difference, Interval, difference
from plait.foundation.training.likely_tokens import MIN_POSITIONS
from plait.learning.parity import ServingParity

OTHERS = "others"  # the values of a column that have too few rows each


@dataclass(frozen=True)
class GateRule:
    """The rule of promotion. Losses are in points of the score, which is from 0 to 1.

    Server and trainer are compared at `min_positions` tokens.
    """

    min_rows: int = 20
    max_loss: float = 0.02
    min_positions: int = MIN_POSITIONS

    def __str__(self) -> str:
        return (
            f"promoted if, on at least {self.min_rows} held-out rows, the gain over the champion is above 0, "
            f"the loss in each part of {self.min_rows} rows at most {self.max_loss:g} (both at the bounds of their "
            "95 % intervals), and server and trainer agree"
        )


@dataclass(frozen=True)
class GateRow:
    """The scores of champion and candidate on one held-out row; `slices` are the values of its other columns."""

    where: str
    champion: float
    candidate: float
    champion_exact: bool = False
    candidate_exact: bool = False
    slices: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class SliceLoss:
    """What the candidate loses against the champion on the rows of one part; negative where it gains."""

    name: str
    loss: Interval
    champion: float
    candidate: float


def score_difference(rows: Sequence[GateRow]) -> Difference:
    """The gain of the candidate, row by row."""
    return difference([row.candidate for row in rows], [row.champion for row in rows])


def exact_difference(rows: Sequence[GateRow]) -> Difference:
    """The same for answers with every field correct."""
    return difference([float(row.candidate_exact) for row in rows], [float(row.champion_exact) for row in rows])


def slice_losses(rows: Sequence[GateRow], rule: GateRule) -> tuple[SliceLoss, ...]:
    """The loss in every part with enough rows: of each value of each column that has few values."""
    parts = (
        (f"{column}={value}", part)
        for column in sorted({name for row in rows for name in row.slices})
        for value, part in column_parts(rows, column, rule)
    )
    return tuple(slice_loss(name, part) for name, part in parts)


def column_parts(rows: Sequence[GateRow], column: str, rule: GateRule) -> Iterator[tuple[str, list[GateRow]]]:
    """The rows by the values of a column. Values with too few rows each are one part, if together they have enough."""
    by_value: dict[str, list[GateRow]] = {}
    for row in rows:
        if column in row.slices:
            by_value.setdefault(row.slices[column], []).append(row)
    if len(by_value) > MAX_SLICE_VALUES:
        return
    large = {value: part for value, part in by_value.items() if len(part) >= rule.min_rows}
    others = [row for value, part in by_value.items() if value not in large for row in part]
    if len(by_value) > 1:
        yield from sorted(large.items())
    if large and len(others) >= rule.min_rows:  # without large values these are all rows, whose gain is tested
        yield OTHERS, others


def slice_loss(name: str, rows: Sequence[GateRow]) -> SliceLoss:
    gain = score_difference(rows).gain
    loss = Interval(0.0 - gain.mean, 0.0 - gain.high, 0.0 - gain.low, gain.count)
    champion = sum(row.champion for row in rows) / len(rows)
    candidate = sum(row.candidate for row in rows) / len(rows)
    return SliceLoss(name, loss, champion, candidate)


def objections(
    rule: GateRule,
    gain: Difference,
    losses: Sequence[SliceLoss],
    parity: ServingParity | None,
    dependence: Difference | None = None,
) -> Iterator[str]:
    """The reasons against promotion; none if the rule holds. `dependence` is that of pictures on their descriptions."""
    if gain.gain.count < rule.min_rows:
        yield f"there are {gain.gain.count} held-out rows, and {rule.min_rows} are the least"
    elif gain.gain.low <= 0:
        yield f"the gain is {gain}: its lower bound is not above 0"
    for each in losses:
        if each.loss.high > rule.max_loss:
            verb = "loses" if each.loss.mean > rule.max_loss else "may lose"
            yield f"{each.name} {verb} {each.loss} on {each.loss.count} rows: more than {rule.max_loss:g} at the bound"
    if dependence and dependence.gain.low <= 0:
        yield f"its pictures fit their own rows no better than others: {dependence}"
    if parity is None:
        yield "server and trainer were not compared"
    elif reason := parity.fault:
        yield f"server and trainer differ: {reason}"
