from plait.core.kinds import metric_of
from plait.modalities.optional.value import Optional


def metric(kind: Optional, prediction: object, reference: object) -> float:
    if prediction is None or reference is None:
        return float(prediction is reference)
    return metric_of(kind.inner, prediction, reference)
