from plait.core.values.value_type import Json
from plait.types.ref.value import ReferenceType


def schema(value_type: ReferenceType) -> dict[str, Json]:
    return {"type": "integer", "minimum": 0, "description": f"index into {'.'.join(value_type.path)}"}
