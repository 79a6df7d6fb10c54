from collections.abc import Iterator

from plait.core.values.value_type import MISSING, metric_of, nested_field_scores
from plait.types.record.value import RecordType


def metric(value_type: RecordType, prediction: object, reference: object) -> float:
    """The mean over the fields."""
    scores = [
        metric_of(inner, getattr(prediction, name), getattr(reference, name)) for name, inner in value_type.fields
    ]
    return sum(scores) / len(scores) if scores else 1.0


def fields(value_type: RecordType, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    for name, inner in value_type.fields:
        predicted = MISSING if prediction is MISSING else getattr(prediction, name)
        yield from nested_field_scores(name, inner, predicted, getattr(reference, name))
