"""Evidence: where each quoted value of an answer stands in the inputs.

A value may stand in several places. Which one was meant is not part of the answer, so it is inferred: values of one
record stand near each other, and the items of a list follow each other, whether a table was written by rows or by
columns. Measured by benchmarks/evidence.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json
from plait.core.values.span import Span
from plait.core.values.value_type import ValueType

Evidence = Mapping[str, tuple[Span, ...]]
Occurrence = tuple[Span, ...]
MAX_OCCURRENCES = 24  # of one value; the choice takes n·24² steps for a list of n items
ROUNDS = 3
OTHER_INPUT = 10_000.0  # the distance, in code points, between places in two inputs
OUT_OF_ORDER = 2_000.0  # the cost of an item that stands before the one before it, or at the same place
COLUMN_WEIGHT = 0.25  # of the distance to the same field of the item before, beside the distances within the record


@dataclass(frozen=True)
class QuotedValue:
    """A quoted value of an answer: its path, and the places where it stands."""

    path: str
    occurrences: tuple[Occurrence, ...]

    @property
    def record(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def column(self) -> str:
        """The path without the numbers of items: the same field of other items has the same column."""
        return re.sub(r"(^|\.)\d+(?=\.|$)", r"\1*", self.path)


def evidence(declaration: Declaration, json_value: Json, context: CallContext) -> Evidence:
    """The spans of each quoted value of an answer by its path: `lines.0.price`. {} if nothing is quoted."""
    if not declaration.has_quotations:
        return {}
    values = list(quoted_values(declaration.answer, json_value, "", context))
    return {each.path: occurrence for each, occurrence in zip(values, choose(values), strict=True)}


def quoted_values(value_type: ValueType, json_value: Json, path: str, context: CallContext) -> Iterator[QuotedValue]:
    occurrences = value_type.occurrences(json_value, context)
    if occurrences:
        yield QuotedValue(path, occurrences[:MAX_OCCURRENCES])
    for step, child, inner in value_type.iter_json(json_value):
        yield from quoted_values(child, inner, f"{path}.{step}".strip(".") if step else path, context)


def choose(values: Sequence[QuotedValue]) -> list[Occurrence]:
    """One occurrence for each value: column by column, the least ambiguous first, given the choices so far."""
    columns: dict[str, list[int]] = {}
    for index, value in enumerate(values):
        columns.setdefault(value.column, []).append(index)
    by_ambiguity = sorted(columns.values(), key=lambda column: max(len(values[i].occurrences) for i in column))
    chosen: dict[int, Occurrence] = {}
    for _ in range(ROUNDS if any(len(value.occurrences) > 1 for value in values) else 1):
        for column in by_ambiguity:
            chosen |= choose_column(values, column, chosen)
    return [chosen[index] for index in range(len(values))]


def choose_column(
    values: Sequence[QuotedValue], column: list[int], chosen: Mapping[int, Occurrence]
) -> dict[int, Occurrence]:
    """The cheapest occurrences of one field in all items, by dynamic programming from item to item."""
    best: list[tuple[float, tuple[Occurrence, ...]]] = [(0.0, ())]
    for index in column:
        neighbours = [place for i, place in chosen.items() if i != index and values[i].record == values[index].record]
        best = [
            min(
                ((cost + step_cost(path, each) + record_cost(each, neighbours), (*path, each)) for cost, path in best),
                key=lambda option: option[0],
            )
            for each in values[index].occurrences
        ]
    _, path = min(best, key=lambda each: each[0])
    return dict(zip(column, path, strict=True))


def step_cost(path: tuple[Occurrence, ...], occurrence: Occurrence) -> float:
    """The cost of an occurrence after those of the items before; of a first one, its place as a tie-break."""
    if not path:
        return occurrence[0].start * 1e-6
    before, here = path[-1][0], occurrence[0]
    ordered = before.input != here.input or here.start >= before.end
    return COLUMN_WEIGHT * distance(before, here) + (0.0 if ordered else OUT_OF_ORDER)


def record_cost(occurrence: Occurrence, neighbours: Sequence[Occurrence]) -> float:
    """The mean distance to the other values of the record; two values do not stand at one place."""
    if not neighbours:
        return 0.0
    here = occurrence[0]
    costs = [distance(other[0], here) + OUT_OF_ORDER * overlap(other[0], here) for other in neighbours]
    return sum(costs) / len(costs)


def distance(one: Span, other: Span) -> float:
    """Code points between two spans."""
    if one.input != other.input:
        return OTHER_INPUT
    return float(max(other.start - one.end, one.start - other.end, 0))


def overlap(one: Span, other: Span) -> bool:
    return one.input == other.input and one.start < other.end and other.start < one.end
