from plait.core.kinds import Json, schema_of
from plait.modalities.optional.value import Optional


def schema(kind: Optional) -> dict[str, Json]:
    return {"anyOf": [schema_of(kind.inner), {"type": "null"}]}
