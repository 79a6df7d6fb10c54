from plait.types.moment.value import Moment


def metric(kind: Moment, prediction: object, reference: object) -> float:
    return float(prediction == reference)
