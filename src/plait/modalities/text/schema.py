from plait.core.kinds import Json
from plait.modalities.text.value import Text


def schema(kind: Text) -> dict[str, Json]:
    bounds: dict[str, Json] = {"type": "string", "minLength": kind.minimum, "maxLength": kind.maximum}
    return {**bounds, "pattern": kind.pattern} if kind.pattern else bounds
