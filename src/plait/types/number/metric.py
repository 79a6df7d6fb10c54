import math

from plait.types.number.value import NumberType


def metric(value_type: NumberType, prediction: object, reference: object) -> float:
    """Equal, for decimals up to one part in a million: a float's own noise is no mistake."""
    assert isinstance(prediction, int | float) and isinstance(reference, int | float)
    return float(math.isclose(prediction, reference, rel_tol=0 if value_type.is_integer else 1e-6))
