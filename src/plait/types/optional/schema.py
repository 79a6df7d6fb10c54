from plait.core.values.value_type import Json, schema_of
from plait.types.optional.value import Optional


def schema(kind: Optional) -> dict[str, Json]:
    return {"anyOf": [schema_of(kind.inner), {"type": "null"}]}
