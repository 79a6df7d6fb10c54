from plait.core.kinds import metric_of
from plait.modalities.union.value import Union_


def metric(kind: Union_, prediction: object, reference: object) -> float:
    """Nothing for the wrong option, whatever its fields."""
    (said, option), (meant, _) = kind.option(prediction), kind.option(reference)
    return metric_of(option, prediction, reference) if said == meant else 0.0
