"""JSON Schema renderer, for servers that accept no other grammar.

It is weaker than GBNF in three places, so answers are always validated again: servers ignore unknown keywords
(`exclusiveMinimum`, `format`), none enforces which dates exist, and a run of words of the input may be any text.
Source: JSON Schema 2020-12.
"""

from plait.core.grammar.ast import (
    DATA_URL,
    Array,
    BinnedBox,
    Choice,
    DateTime,
    Grammar,
    ImageCodes,
    Integer,
    Literal,
    Map,
    Number,
    Object,
    Pattern,
    Reference,
    RegularExpression,
    Text,
    Tuple,
    WordRun,
    Zone,
)
from plait.core.grammar.patterns import regular_expression
from plait.core.values.json_value import Json

FORMATS = {"date": "date", "time": "time", "datetime": "date-time"}
CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?"
# The formats "time" and "date-time" (RFC 3339) require a time zone, which the 09:30 of an invoice does not have.
CALENDAR_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
ZONE = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
ZONE_SUFFIXES = {"never": "", "optional": f"{ZONE}?", "required": ZONE}


def json_schema(grammar: Grammar) -> dict[str, Json]:
    match grammar:
        case Literal(value):
            return {"const": value}
        case Choice((only,)):
            return json_schema(only)
        case Choice(options):
            return {"anyOf": [json_schema(option) for option in options]}
        case Object(parts, optional):
            return object_schema(parts, optional)
        case Array(item, minimum, maximum):
            return {"type": "array", "items": json_schema(item), "minItems": minimum, "maxItems": maximum}
        case Tuple(places):
            return tuple_schema([json_schema(place) for place in places])
        case Map(key, value, minimum, maximum):
            items: dict[str, Json] = {"propertyNames": json_schema(key), "additionalProperties": json_schema(value)}
            return {"type": "object", **items, "minProperties": minimum, "maxProperties": maximum}
        case Reference(labels):
            return {"enum": list(labels)}
        case WordRun():  # n words have n² runs, too many for an enum
            return {"type": "string", "minLength": 1}
        case Text(minimum, maximum):
            return {"type": "string", "minLength": minimum, "maxLength": maximum}
        case RegularExpression(pattern, minimum, maximum):
            return {"type": "string", "pattern": pattern, "minLength": minimum, "maxLength": maximum}
        case Integer(minimum, maximum):
            return {"type": "integer", "minimum": minimum, "maximum": maximum}
        case Number():
            return number_schema(grammar)
        case Pattern(pattern):
            return {"type": "string", "pattern": regular_expression(pattern)}
        case DateTime(form, zone):
            return {"type": "string", **datetime_schema(form, zone)}
        case BinnedBox(bins):
            return json_schema(Array(Integer(0, bins - 1), 4, 4))
        case ImageCodes():
            return json_schema(DATA_URL)


def object_schema(parts: tuple[tuple[str, Grammar], ...], optional: frozenset[str]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {name: json_schema(inner) for name, inner in parts},
        "required": [name for name, _ in parts if name not in optional],
        "additionalProperties": False,
    }


def datetime_schema(form: str, zone: Zone) -> dict[str, Json]:
    if form == "date":
        return {"format": "date"}
    day = f"{CALENDAR_DAY}T" if form == "datetime" else ""
    return {"pattern": f"^{day}{CLOCK}{ZONE_SUFFIXES[zone]}$"}


def tuple_schema(items: list[Json]) -> dict[str, Json]:
    """The schema of a list with one item for each place."""
    places: dict[str, Json] = {"prefixItems": items} if items else {}
    return {"type": "array", **places, "items": False, "minItems": len(items), "maxItems": len(items)}


def number_schema(grammar: Number) -> dict[str, Json]:
    low = "exclusiveMinimum" if grammar.above else "minimum"
    high = "exclusiveMaximum" if grammar.below else "maximum"
    return {"type": "number", low: float(grammar.minimum), high: float(grammar.maximum)}
