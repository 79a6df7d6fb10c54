from plait.core.values.value_type import Json
from plait.types.text.value import Text


def schema(kind: Text) -> dict[str, Json]:
    found: dict[str, Json] = {"type": "string", "minLength": kind.minimum}
    if kind.bounded:
        found["maxLength"] = kind.maximum
    return {**found, "pattern": kind.pattern} if kind.pattern else found
