from plait.types.boolean.value import Boolean


def metric(kind: Boolean, prediction: object, reference: object) -> float:
    return float(prediction == reference)
