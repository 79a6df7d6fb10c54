from plait.core.kinds import metric_of
from plait.modalities.record.value import Record


def metric(kind: Record, prediction: object, reference: object) -> float:
    """The mean over the fields."""
    scores = [metric_of(inner, getattr(prediction, name), getattr(reference, name)) for name, inner in kind.fields]
    return sum(scores) / len(scores) if scores else 1.0
