from plait.core.values.value_type import Json
from plait.types.box.value import CORNER_NAMES, BoxType


def schema(value_type: BoxType) -> dict[str, Json]:
    image_path = ".".join(value_type.path) or "the picture"
    return {
        "type": "object",
        "description": f"in pixels of {image_path}; x0 < x1, y0 < y1",
        "properties": {name: {"type": "integer", "minimum": 0} for name in CORNER_NAMES},
        "required": list(CORNER_NAMES),
        "additionalProperties": False,
    }
