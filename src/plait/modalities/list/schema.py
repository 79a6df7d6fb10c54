from plait.core.kinds import Json, schema_of
from plait.modalities.list.value import List


def schema(kind: List) -> dict[str, Json]:
    found: dict[str, Json] = {"type": "array", "items": schema_of(kind.item), "minItems": kind.minimum}
    return {**found, "maxItems": kind.maximum} if kind.bounded else found
