"""JSON Schema as a grammar of ours: what a foreign program wants an answer to be.

A grammar may be narrower than its schema (a text has its longest length, no object has fields that were not named), so
that whatever it admits is valid; never wider: a keyword that it cannot hold is refused by its name and place.
Source: JSON Schema 2020-12.
"""

from dataclasses import dataclass, field
from typing import cast

from plait.core.grammar.ast import ITEMS, Choice, Grammar, Literal, Repeat, Sequence, Text
from plait.core.grammar.disjoint import apart
from plait.core.grammar.json_schema_leaves import (
    BOUNDS,
    TEXTS,
    Path,
    Table,
    Unheld,
    alone,
    counted,
    literal,
    number,
    text,
    whole,
)
from plait.core.values.strict import refused
from plait.core.values.value_type import Json

# What tells something of a schema, or keeps its parts, and refuses no value.
NOTES = {
    *("title", "description", "examples", "default", "$comment", "deprecated", "readOnly", "writeOnly"),
    *("$schema", "$id", "$defs", "definitions", "discriminator"),
}
KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": TEXTS,
    "number": BOUNDS,
    "integer": BOUNDS,
    "boolean": set[str](),
    "null": set[str](),
}
NODES = 1_000  # llama.cpp takes 3 s to begin a choice of so many; nobody else is answered meanwhile
DEPTH = 64
WAY_OUT = "leave it out, and check it yourself; docs/how-to/openai-clients.md lists what is honoured"


def grammar_in(schema: Json, at: str) -> Grammar:
    """The grammar of a schema that stands at a dotted path. Raises InputError that names what cannot be held."""
    try:
        found = Reading(schema).grammar(schema, tuple(at.split(".")))
    except Unheld as unheld:
        raise refused("the schema", (unheld.problem,), WAY_OUT) from None
    # A text that stands alone is written bare; what answers a schema is JSON.
    return Choice((found,)) if isinstance(found, Text) else found


@dataclass
class Reading:
    """One schema while it is read: where its references point, and how much there is of it."""

    root: Json
    within: list[str] = field(default_factory=list[str])
    nodes: int = 0

    def grammar(self, schema: Json, path: Path) -> Grammar:
        self.count(1, path)
        if not isinstance(schema, dict):
            raise Unheld(path, "should be a schema that says what the value is", schema)
        told = {name: value for name, value in schema.items() if name not in NOTES}
        for name, reader in (("$ref", self.referred), ("anyOf", self.any_of), ("oneOf", self.one_of)):
            if name in told:
                alone(told, {name, "type"} if name != "$ref" else {name}, path)
                return reader(told[name], (*path, name))
        if "allOf" in told:
            return self.all_of(told, path)
        if "const" in told or "enum" in told:
            return self.listed(told, path)
        return self.typed(told, path)

    def count(self, parts: int, path: Path) -> None:
        self.nodes += parts
        if self.nodes > NODES or len(self.within) > DEPTH or len(path) > 4 * DEPTH:
            raise Unheld(path, f"is too large a schema: at most {NODES:,} parts, {DEPTH} references deep")

    def referred(self, ref: Json, path: Path) -> Grammar:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise Unheld(path, "should point into the schema itself: #/$defs/NAME", ref)
        if ref in self.within:
            raise Unheld(path, "refers to itself, which is not honoured", ref)
        found = self.root
        for step in ref.removeprefix("#/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or step not in found:
                raise Unheld(path, "points at nothing", ref)
            found = found[step]
        self.within.append(ref)
        read = self.grammar(found, path)
        self.within.pop()
        return read

    def any_of(self, options: Json, path: Path) -> Choice:
        if not isinstance(options, list) or not options:
            raise Unheld(path, "should be a list of schemas", options)
        return Choice(tuple(self.grammar(option, (*path, str(place))) for place, option in enumerate(options)))

    def one_of(self, options: Json, path: Path) -> Choice:
        """As anyOf, where no value can be of two options at once."""
        found = self.any_of(options, path)
        for place, option in enumerate(found.options):
            for other in range(place):
                if not apart(option, found.options[other]):
                    raise Unheld((*path, str(place)), f"may be what {path[-1]}.{other} is too: write anyOf")
        return found

    def all_of(self, told: Table, path: Path) -> Grammar:
        alone(told, {"allOf"}, path)
        options = told["allOf"]
        if not isinstance(options, list) or len(options) != 1:
            raise Unheld((*path, "allOf"), "is not honoured, but for a list of one")
        return self.grammar(options[0], (*path, "allOf", "0"))

    def listed(self, told: Table, path: Path) -> Grammar:
        name = "const" if "const" in told else "enum"
        alone(told, {name, "type"}, path)
        values = [told["const"]] if name == "const" else told["enum"]
        if not isinstance(values, list) or not values:
            raise Unheld((*path, name), "should be a list of values", values)
        self.count(len(values), path)
        types = types_in(told, path) if "type" in told else []
        fitting = [value for value in values if not types or any(is_of(value, each) for each in types)]
        if not fitting:
            raise Unheld((*path, name), "has no value of its type", values)
        found = tuple(literal(value, (*path, name)) for value in fitting)
        return found[0] if len(found) == 1 else Choice(found)

    def typed(self, told: Table, path: Path) -> Grammar:
        types = types_in(told, path)
        known = set[str]().union(*(KEYWORDS[each] for each in types))
        alone(told, known | {"type"}, path)
        found = tuple(self.of_type(each, told, path) for each in types)
        return found[0] if len(found) == 1 else Choice(found)

    def of_type(self, name: str, told: Table, path: Path) -> Grammar:
        match name:
            case "object":
                return self.record(told, path)
            case "array":
                low, high = counted(told, "minItems", "maxItems", ITEMS, path)
                if "items" not in told:
                    raise Unheld(path, "should say its items")
                return Repeat(self.grammar(told["items"], (*path, "items")), low, high)
            case "string":
                return text(told, path)
            case "integer":
                return whole(told, path)
            case "number":
                return number(told, path)
            case "boolean":
                return Choice((Literal(True), Literal(False)))
            case _:
                return Literal(None)

    def record(self, told: Table, path: Path) -> Sequence:
        fields, required = told.get("properties", {}), told.get("required", [])
        if not isinstance(fields, dict) or not fields:
            raise Unheld((*path, "properties"), "should name the object's fields: others cannot be written", fields)
        if not isinstance(required, list) or any(name not in fields for name in required if isinstance(name, str)):
            raise Unheld((*path, "required"), "should list names that stand in properties", required)
        # No field is ever written that is not named, so `false` and `true` are the same here.
        if not isinstance(told.get("additionalProperties", False), bool):
            raise Unheld((*path, "additionalProperties"), "is not honoured: name the fields", None)
        parts = tuple((name, self.grammar(inner, (*path, "properties", name))) for name, inner in fields.items())
        return Sequence(parts, frozenset(name for name in fields if name not in required))


def types_in(told: Table, path: Path) -> list[str]:
    """The types that are said, else the one whose keywords are there."""
    said = told.get("type")
    if said is None:
        guesses = [name for name, keys in KEYWORDS.items() if name != "integer" and keys & set(told)]
        if len(guesses) != 1:
            unknown = next((name for name in told), None)
            raise Unheld((*path, unknown) if unknown else path, "is not honoured: say the type", told)
        return guesses
    types = said if isinstance(said, list) else [said]
    for name in types:
        if not isinstance(name, str) or name not in KEYWORDS:
            raise Unheld((*path, "type"), f"should be one of {', '.join(KEYWORDS)}", said)
    if not types:
        raise Unheld((*path, "type"), "is empty", said)
    return cast("list[str]", types)


def is_of(value: Json, name: str) -> bool:
    match value:
        case bool():
            return name == "boolean"
        case None:
            return name == "null"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number"
        case str():
            return name == "string"
        case _:
            return False
