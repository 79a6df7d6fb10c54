from plait.types.ref.value import Reference


def metric(kind: Reference, prediction: object, reference: object) -> float:
    return float(prediction == reference)
