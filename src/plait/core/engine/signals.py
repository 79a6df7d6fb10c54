"""Signals of an answer's values: all that its confidence is computed from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from plait.core.engine.token_probs import AnswerProbs, LeafProbs
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.span import column_path, join_path
from plait.core.values.value_type import ValueType

NUM_NEIGHBOURS = 8  # nearest examples whose values are compared, more than a prompt shows
MAX_TEXT = 40  # characters of a value that is compared: longer ones are hardly ever alike


@dataclass(frozen=True)
class ValueSignals:
    """The token probabilities of a value, its JSON text (references by name; "" if long), the share of the nearest
    examples that have it in the same field, and whether the nearest one has it.
    """

    probs: LeafProbs
    text: str = ""
    agreement: float = 0.0
    nearest: float = 0.0


AnswerSignals: TypeAlias = Mapping[str, ValueSignals]  # by dotted path; "" is the whole answer


def answer_signals(
    declaration: Declaration,
    inputs: Mapping[str, object],
    answer: object,
    probs: AnswerProbs,
    neighbours: Sequence[Example],
) -> AnswerSignals:
    """The signals of the values that have token probabilities; `neighbours` are the nearest examples, nearest first."""
    if not probs:
        return {}
    own = dict(value_texts(declaration, inputs, answer))
    known = [
        {(column_path(path), text) for path, text in value_texts(declaration, each.inputs, each.answer)}
        for each in neighbours
    ]
    return {path: value_signals(path, probs[path], own.get(path, ""), known) for path in probs}


def value_signals(path: str, probs: LeafProbs, text: str, neighbours: Sequence[set[tuple[str, str]]]) -> ValueSignals:
    alike = [(column_path(path), text) in each for each in neighbours] if text else []
    return ValueSignals(probs, text, sum(alike) / max(len(alike), 1), float(alike[:1] == [True]))


def value_texts(declaration: Declaration, inputs: Mapping[str, object], answer: object) -> Iterator[tuple[str, str]]:
    """The short values of an answer by path, as JSON text; none where it has no JSON form."""
    context = call_context(declaration, inputs, by_name=True).unquoted
    try:
        json_value = declaration.answer.encode(answer, context)
    except InvalidValue:
        return
    for path, inner in plain_values(declaration.answer, json_value):
        if len(text := dumps(inner)) <= MAX_TEXT:
            yield path, text


def plain_values(value_type: ValueType, json_value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """The values of a JSON form that contain no others, by path."""
    inside = list(value_type.iter_json(json_value))
    if not inside:
        yield path, json_value
    for step, child, inner in inside:
        yield from plain_values(child, inner, join_path(path, step))
