from plait.core.values.value_type import Json
from plait.types.label.value import EnumerationType


def schema(value_type: EnumerationType) -> dict[str, Json]:
    return {"enum": list(value_type.labels)}
