"""Agreement of a prediction with the right value, from 0 to 1."""

from new_value.value import NewValueType


def metric(value_type: NewValueType, prediction: object, reference: object) -> float:
    return float(prediction == reference)
