"""Types, constants and enumerations of a schema, and whether a value is valid for a flat schema."""

import json
import math
from collections.abc import Sequence
from functools import lru_cache

from plait.core.grammar.ast import Choice, Grammar
from plait.core.grammar.character_automaton import CharacterAutomaton, TooManyStates, character_automaton
from plait.core.grammar.json_schema_leaves import UnsupportedSchema, literal_grammar, number_bounds
from plait.core.grammar.regular_expression import UnsupportedPattern, regular_expression
from plait.core.grammar.schema_alternatives import Part
from plait.core.values.json_value import Json

TYPES = ("object", "array", "string", "number", "boolean", "null")
COMPOUND = {"array", "object"}


def type_names(parts: Sequence[Part]) -> list[str]:
    """The types that all parts allow; no type at all means any."""
    names: list[str] = list(TYPES)
    for part in parts:
        if "type" in part.keywords:
            given = given_types(part)
            narrowed = [name for name in names if name in given or (name == "integer" and "number" in given)]
            if "number" in names and "integer" in given and "number" not in given:
                narrowed.append("integer")
            names = narrowed
    return names


def given_types(part: Part) -> list[Json]:
    value = part.keywords["type"]
    types: list[Json] = value if isinstance(value, list) else [value]
    if "any" in types:  # draft 3, still found
        return [*TYPES, "integer"]
    for name in types:
        if name not in (*TYPES, "integer"):
            raise UnsupportedSchema((*part.path, "type"), f"should be one of {', '.join((*TYPES, 'integer'))}", value)
    if not types:
        raise UnsupportedSchema((*part.path, "type"), "is empty", value)
    return types


def enumeration(parts: Sequence[Part]) -> Grammar | None:
    """The values of all enumerations that are valid for every part."""
    name, part = next((name, part) for part in parts for name in ("const", "enum") if name in part.keywords)
    values = [part.keywords[name]] if name == "const" else part.keywords[name]
    if not isinstance(values, list) or not values:
        raise UnsupportedSchema((*part.path, name), "should be a list of values", values)
    valid = [value for value in values if all(is_valid(value, each) for each in parts)]
    if not valid:
        # An enumeration of objects or lists alone, or one without a value of the type.
        problem = "has no value of the given type" if len(parts) == 1 else None
        if problem or any(isinstance(value, list | dict) for value in values):
            compound = any(isinstance(value, list | dict) for value in values)
            message = "should be texts, numbers, true, false or null" if compound else problem or ""
            raise UnsupportedSchema((*part.path, name), message, values)
        return None
    literals = tuple(dict((repr(value), literal_grammar(value, (*part.path, name))) for value in valid).values())
    return literals[0] if len(literals) == 1 else Choice(literals)


def is_valid(value: Json, part: Part) -> bool:
    """Whether a value is certainly valid for a flat schema; of lists and objects it is never said."""
    keywords = part.keywords
    if isinstance(value, list | dict):
        return False
    if "type" in keywords and not any(has_type(value, name) for name in given_types(part)):
        return False
    if "const" in keywords and not same(value, keywords["const"]):
        return False
    options = keywords.get("enum")
    if isinstance(options, list) and not any(same(value, option) for option in options):
        return False
    if isinstance(value, str):
        return is_valid_text(value, part)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return is_valid_number(value, part)
    return True


def is_valid_text(text: str, part: Part) -> bool:
    low, high = part.keywords.get("minLength", 0), part.keywords.get("maxLength", math.inf)
    sized = isinstance(low, int | float) and isinstance(high, int | float) and low <= len(text) <= high
    pattern = part.keywords.get("pattern")
    return sized and "format" not in part.keywords and (not isinstance(pattern, str) or matches(pattern, text) is True)


def is_valid_number(value: float, part: Part) -> bool:
    bounds = number_bounds([part])
    low = value > bounds.low if bounds.exclusive_low else value >= bounds.low
    high = value < bounds.high if bounds.exclusive_high else value <= bounds.high
    return low and high and "multipleOf" not in part.keywords


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern is found in a text; None where that cannot be told."""
    if not (text.isascii() and text.isprintable()):
        return None
    try:
        return pattern_automaton(pattern).matches(text)
    except (UnsupportedPattern, TooManyStates):
        return None


@lru_cache(256)
def pattern_automaton(pattern: str) -> CharacterAutomaton:
    return character_automaton(regular_expression(pattern), 1_000)


def same(one: Json, other: Json) -> bool:
    """Equality of JSON: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | dict):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other


def has_type(value: Json, name: Json) -> bool:
    match value:
        case bool():
            return name == "boolean"
        case None:
            return name == "null"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number" or (name == "integer" and value.is_integer())
        case str():
            return name == "string"
        case list():
            return name == "array"
        case dict():
            return name == "object"
