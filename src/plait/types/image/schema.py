from plait.core.values.value_type import Json
from plait.types.image.value import ImageKind


def schema(kind: ImageKind) -> dict[str, Json]:
    return {
        "type": "string",
        "pattern": "^data:image/",
        "description": "a picture as data URL: data:image/png;base64,...",
    }
