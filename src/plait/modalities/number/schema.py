from plait.core.kinds import Json
from plait.modalities.number.value import Number


def schema(kind: Number) -> dict[str, Json]:
    low = "exclusiveMinimum" if kind.above else "minimum"
    high = "exclusiveMaximum" if kind.below else "maximum"
    read = int if kind.whole else float
    found: dict[str, Json] = {"type": "integer" if kind.whole else "number"}
    found |= {low: read(kind.minimum), high: read(kind.maximum)}
    return {**found, "multipleOf": kind.multiple_of} if kind.multiple_of is not None else found
