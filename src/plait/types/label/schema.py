from plait.core.values.value_type import Json
from plait.types.label.value import Label


def schema(kind: Label) -> dict[str, Json]:
    return {"enum": list(kind.labels)}
