from plait.types.moment.value import DateTimeType


def metric(value_type: DateTimeType, prediction: object, reference: object) -> float:
    return float(prediction == reference)
