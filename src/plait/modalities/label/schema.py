from plait.core.kinds import Json
from plait.modalities.label.value import Label


def schema(kind: Label) -> dict[str, Json]:
    return {"enum": list(kind.labels)}
