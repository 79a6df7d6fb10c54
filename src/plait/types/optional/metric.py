from collections.abc import Iterator

from plait.core.values.value_type import MISSING, field_scores, metric_of
from plait.types.optional.value import OptionalType


def metric(value_type: OptionalType, prediction: object, reference: object) -> float:
    if prediction is None or reference is None:
        return float(prediction is reference)
    return metric_of(value_type.inner, prediction, reference)


def fields(value_type: OptionalType, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """Where nothing is right, the value as a whole; else those inside it."""
    if reference is None:
        yield "", float(prediction is None)
    else:
        yield from field_scores(value_type.inner, MISSING if prediction is None else prediction, reference)
