"""JSON Schema of the wire form, as OpenAPI shows it."""

from new_kind.value import LARGEST, LETTERS, NewKindKind
from plait.core.values.value_type import Json


def schema(value_type: NewKindKind) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "letter": {"enum": list(LETTERS)},
            "number": {"type": "integer", "minimum": 1, "maximum": LARGEST},
        },
        "required": ["letter", "number"],
        "additionalProperties": False,
    }
