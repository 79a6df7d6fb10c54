from plait.core.values.value_type import Json
from plait.types.image.value import ImageType


def schema(value_type: ImageType) -> dict[str, Json]:
    return {
        "type": "string",
        "pattern": "^data:image/",
        "description": "a picture as data URL: data:image/png;base64,...",
    }
