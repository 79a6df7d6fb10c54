from plait.core.values.value_type import Json
from plait.types.boolean.value import BooleanType


def schema(value_type: BooleanType) -> dict[str, Json]:
    return {"type": "boolean"}
