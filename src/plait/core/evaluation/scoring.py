"""The score of one answer: the agreement of two values as their type defines it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plait.core.task.declaration import Declaration
from plait.core.values.value_type import MISSING, iter_types

EXACT_THRESHOLD = 1 - 1e-9


@dataclass(frozen=True)
class AnswerScore:
    """The score of an answer.

    `value` is the agreement in [0, 1]; `exact` whether every field is correct, except texts marked AnyWords(). `fields`
    has the agreement of each value inside the right answer, by dotted path: `Switch.device`, `lines.[].price` (the mean
    over the items). A union's option has its own name.
    """

    value: float
    exact: bool
    fields: Mapping[str, float] = field(default_factory=dict[str, float])


def score(declaration: Declaration, prediction: object, reference: object) -> AnswerScore:
    """Agreement of a prediction with the right answer; MISSING scores 0."""
    value_type = declaration.answer
    value = 0.0 if prediction is MISSING else value_type.score(prediction, reference)
    scores: dict[str, list[float]] = {}
    for path, agreement in value_type.field_scores(prediction, reference):
        scores.setdefault(path, []).append(agreement)
    prose = {path for path, each in iter_types(value_type) if path and getattr(each, "any_words", False)}
    exact = all(min(agreements) >= EXACT_THRESHOLD for path, agreements in scores.items() if path not in prose)
    means = {path: sum(agreements) / len(agreements) for path, agreements in scores.items() if path}
    return AnswerScore(value, exact, means)
