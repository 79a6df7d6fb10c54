from plait.core.values.value_type import Json, schema_of
from plait.types.optional.value import OptionalType


def schema(value_type: OptionalType) -> dict[str, Json]:
    return {"anyOf": [schema_of(value_type.inner), {"type": "null"}]}
