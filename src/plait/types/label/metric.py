from plait.types.label.value import Label


def metric(kind: Label, prediction: object, reference: object) -> float:
    return float(prediction == reference)
