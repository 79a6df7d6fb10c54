from plait.core.values.value_type import Json
from plait.types.box.value import NAMES, BoxKind


def schema(kind: BoxKind) -> dict[str, Json]:
    on = ".".join(kind.path) or "the picture"
    return {
        "type": "object",
        "description": f"in pixels of {on}; x0 < x1, y0 < y1",
        "properties": {name: {"type": "integer", "minimum": 0} for name in NAMES},
        "required": list(NAMES),
        "additionalProperties": False,
    }
