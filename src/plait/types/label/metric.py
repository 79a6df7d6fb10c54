from plait.types.label.value import EnumerationType


def metric(value_type: EnumerationType, prediction: object, reference: object) -> float:
    return float(prediction == reference)
