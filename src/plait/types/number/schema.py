from plait.core.values.value_type import Json
from plait.types.number.value import NumberType


def schema(value_type: NumberType) -> dict[str, Json]:
    """Only the bounds that the writer gave: the usual ones hold a decoder, not a caller."""
    to_number = int if value_type.is_integer else float
    number: dict[str, Json] = {"type": "integer" if value_type.is_integer else "number"}
    low, high = value_type.bounded
    if low:
        number["exclusiveMinimum" if value_type.excludes_minimum else "minimum"] = to_number(value_type.minimum)
    if high:
        number["exclusiveMaximum" if value_type.excludes_maximum else "maximum"] = to_number(value_type.maximum)
    return {**number, "multipleOf": value_type.multiple_of} if value_type.multiple_of is not None else number
