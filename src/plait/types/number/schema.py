from plait.core.values.value_type import Json
from plait.types.number.value import Number


def schema(kind: Number) -> dict[str, Json]:
    """Only the bounds that the writer gave: the usual ones hold a decoder, not a caller."""
    read = int if kind.whole else float
    found: dict[str, Json] = {"type": "integer" if kind.whole else "number"}
    low, high = kind.bounded
    if low:
        found["exclusiveMinimum" if kind.above else "minimum"] = read(kind.minimum)
    if high:
        found["exclusiveMaximum" if kind.below else "maximum"] = read(kind.maximum)
    return {**found, "multipleOf": kind.multiple_of} if kind.multiple_of is not None else found
