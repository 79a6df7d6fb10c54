from plait.types.ref.value import ReferenceType


def metric(value_type: ReferenceType, prediction: object, reference: object) -> float:
    return float(prediction == reference)
