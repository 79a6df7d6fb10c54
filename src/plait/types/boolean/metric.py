from plait.types.boolean.value import BooleanType


def metric(value_type: BooleanType, prediction: object, reference: object) -> float:
    return float(prediction == reference)
