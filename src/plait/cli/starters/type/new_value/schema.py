"""JSON Schema of the JSON form, as OpenAPI shows it."""

from new_value.value import LARGEST, LETTERS, NewValueType
from plait.core.values.value_type import Json


def schema(value_type: NewValueType) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "letter": {"enum": list(LETTERS)},
            "number": {"type": "integer", "minimum": 1, "maximum": LARGEST},
        },
        "required": ["letter", "number"],
        "additionalProperties": False,
    }
