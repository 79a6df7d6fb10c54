from plait.core.values.value_type import Json
from plait.types.number.value import NumberType


def schema(value_type: NumberType) -> dict[str, Json]:
    """Only the bounds that the writer gave: the usual ones hold a decoder, not a caller."""
    read = int if value_type.is_integer else float
    found: dict[str, Json] = {"type": "integer" if value_type.is_integer else "number"}
    low, high = value_type.bounded
    if low:
        found["exclusiveMinimum" if value_type.excludes_minimum else "minimum"] = read(value_type.minimum)
    if high:
        found["exclusiveMaximum" if value_type.excludes_maximum else "maximum"] = read(value_type.maximum)
    return {**found, "multipleOf": value_type.multiple_of} if value_type.multiple_of is not None else found
