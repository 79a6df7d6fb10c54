from plait.core.kinds import Json
from plait.modalities.ref.value import Reference


def schema(kind: Reference) -> dict[str, Json]:
    return {"type": "integer", "minimum": 0, "description": f"index into {'.'.join(kind.path)}"}
