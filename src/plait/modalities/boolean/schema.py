from plait.core.kinds import Json
from plait.modalities.boolean.value import Boolean


def schema(kind: Boolean) -> dict[str, Json]:
    return {"type": "boolean"}
