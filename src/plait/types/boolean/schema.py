from plait.core.values.value_type import Json
from plait.types.boolean.value import Boolean


def schema(kind: Boolean) -> dict[str, Json]:
    return {"type": "boolean"}
