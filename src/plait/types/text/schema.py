from plait.core.values.value_type import Json
from plait.types.text.value import TextType


def schema(value_type: TextType) -> dict[str, Json]:
    text: dict[str, Json] = {"type": "string", "minLength": value_type.minimum}
    if value_type.bounded:
        text["maxLength"] = value_type.maximum
    return {**text, "pattern": value_type.pattern} if value_type.pattern else text
