"""How far a prediction agrees with the right value, from 0 to 1."""

from new_kind.value import NewKindKind


def metric(value_type: NewKindKind, prediction: object, reference: object) -> float:
    return float(prediction == reference)
