from plait.core.values.value_type import Json, schema_of
from plait.types.list.value import List


def schema(kind: List) -> dict[str, Json]:
    found: dict[str, Json] = {"type": "array", "items": schema_of(kind.item), "minItems": kind.minimum}
    return {**found, "maxItems": kind.maximum} if kind.bounded else found
