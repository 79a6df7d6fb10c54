from collections.abc import Iterator

from plait.core.values.value_type import MISSING, field_scores, metric_of
from plait.types.optional.value import Optional


def metric(kind: Optional, prediction: object, reference: object) -> float:
    if prediction is None or reference is None:
        return float(prediction is reference)
    return metric_of(kind.inner, prediction, reference)


def fields(kind: Optional, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """Where nothing is right, the value as a whole; else those inside it."""
    if reference is None:
        yield "", float(prediction is None)
    else:
        yield from field_scores(kind.inner, MISSING if prediction is None else prediction, reference)
