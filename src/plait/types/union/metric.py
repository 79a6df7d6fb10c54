from collections.abc import Iterator

from plait.core.values.value_type import MISSING, metric_of, nested_field_scores
from plait.types.union.value import UnionType


def metric(value_type: UnionType, prediction: object, reference: object) -> float:
    """Nothing for the wrong option, whatever its fields."""
    (predicted, option), (expected, _) = value_type.option(prediction), value_type.option(reference)
    return metric_of(option, prediction, reference) if predicted == expected else 0.0


def fields(value_type: UnionType, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """Whether the option is the right one, then its own fields: those of the right option are told, also if missed."""
    expected, option = value_type.option(reference)
    right = prediction is not MISSING and value_type.option(prediction)[0] == expected
    yield expected, float(right)
    yield from (
        each
        for each in nested_field_scores(expected, option, prediction if right else MISSING, reference)
        if each[0] != expected
    )
