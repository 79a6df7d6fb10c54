from plait.core.values.value_type import Json
from plait.types.ref.value import Reference


def schema(kind: Reference) -> dict[str, Json]:
    return {"type": "integer", "minimum": 0, "description": f"index into {'.'.join(kind.path)}"}
