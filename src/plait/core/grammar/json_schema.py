"""A grammar spelled as JSON Schema, for servers that take nothing else.

Weaker than GBNF in two places, which is why answers are always checked again: servers ignore what they do not know
(`exclusiveMinimum`, `format`), and none enforces which dates exist. Source: JSON Schema 2020-12.
"""

from plait.core.grammar.ast import (
    PICTURE,
    Choice,
    Corners,
    Grammar,
    Literal,
    Moment,
    Number,
    Painting,
    Reference,
    Repeat,
    Sequence,
    Text,
    Whole,
)
from plait.core.values.value_type import Json

FORMATS = {"date": "date", "time": "time", "datetime": "date-time"}
CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?"
# The formats "time" and "date-time" (RFC 3339) ask for a zone, which an invoice's 09:30 does not have.
MOMENTS: dict[str, dict[str, Json]] = {
    "date": {"format": "date"},
    "time": {"pattern": f"^{CLOCK}$"},
    "datetime": {"pattern": rf"^\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T{CLOCK}([+-]([01]\d|2[0-3]):[0-5]\d)?$"},
}


def json_schema(grammar: Grammar) -> dict[str, Json]:
    match grammar:
        case Literal(value):
            return {"const": value}
        case Choice((only,)):
            return json_schema(only)
        case Choice(options):
            return {"anyOf": [json_schema(option) for option in options]}
        case Sequence(parts, optional):
            return {
                "type": "object",
                "properties": {name: json_schema(inner) for name, inner in parts},
                "required": [name for name, _ in parts if name not in optional],
                "additionalProperties": False,
            }
        case Repeat(item, minimum, maximum):
            return {"type": "array", "items": json_schema(item), "minItems": minimum, "maxItems": maximum}
        case Reference(labels):
            return {"enum": list(labels)}
        case Text(minimum, maximum):
            return {"type": "string", "minLength": minimum, "maxLength": maximum}
        case Whole(minimum, maximum):
            return {"type": "integer", "minimum": minimum, "maximum": maximum}
        case Number():
            return number(grammar)
        case Moment(form):
            return {"type": "string", **MOMENTS[form]}
        case Corners(bins):
            return json_schema(Repeat(Whole(0, bins - 1), 4, 4))
        case Painting():
            return json_schema(PICTURE)


def number(grammar: Number) -> dict[str, Json]:
    low = "exclusiveMinimum" if grammar.above else "minimum"
    high = "exclusiveMaximum" if grammar.below else "maximum"
    return {"type": "number", low: float(grammar.minimum), high: float(grammar.maximum)}
