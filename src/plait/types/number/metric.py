import math

from plait.types.number.value import Number


def metric(kind: Number, prediction: object, reference: object) -> float:
    """Equal, for decimals up to one part in a million: a float's own noise is no mistake."""
    assert isinstance(prediction, int | float) and isinstance(reference, int | float)
    return float(math.isclose(prediction, reference, rel_tol=0 if kind.whole else 1e-6))
