"""What `not` and `oneOf` forbid: whether no text of a grammar is valid for a schema."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from plait.core.grammar.ast import (
    Array,
    Choice,
    DateTime,
    Grammar,
    Integer,
    Literal,
    Number,
    Object,
    RegularExpression,
    Text,
)
from plait.core.grammar.json_schema_leaves import JsonObject, UnsupportedSchema
from plait.core.grammar.schema_alternatives import Part, resolve
from plait.core.grammar.schema_values import has_type, matches, same
from plait.core.values.json_value import Json

MAX_STEPS = 2_000
JSON_TYPES = {Text: "string", RegularExpression: "string", DateTime: "string", Object: "object", Array: "array"}


@dataclass(eq=False)
class Exclusion:
    root: Json
    steps: int = 0
    known: dict[tuple[int, int], tuple[bool, Grammar]] = field(default_factory=dict[Any, Any])  # by identity

    @cached_property
    def knows_const(self) -> bool:
        """Draft 4 ignores `const`, so that it forbids nothing there."""
        draft = self.root.get("$schema") if isinstance(self.root, dict) else None
        return not (isinstance(draft, str) and ("draft-03" in draft or "draft-04" in draft))

    def without(self, grammar: Grammar, part: Part) -> Grammar | None:
        """The grammar without what may be valid for the schema; None where nothing is left."""
        self.steps = 0
        options = grammar.options if isinstance(grammar, Choice) else (grammar,)
        kept = [each for option in options if (each := self.option_without(option, part.schema)) is not None]
        if not kept:
            return None
        return kept[0] if len(kept) == 1 else Choice(tuple(kept))

    def option_without(self, option: Grammar, schema: Json) -> Grammar | None:
        """The option, or, of an object, the one without an optional field that the schema requires."""
        if self.excludes(option, schema):
            return option
        if not (isinstance(option, Object) and isinstance(schema, dict)):
            return None
        return next((each for each in self.narrowed(option, schema) if self.is_excluded(each, schema)), None)

    def narrowed(self, option: Object, schema: JsonObject) -> Iterator[Object]:
        """Without an optional field that the schema requires, or with a field that has none of the schema's values."""
        names = {name for each in flat(schema) for name in names_in(each)}
        for name in sorted(option.optional & names):
            fields = tuple(field for field in option.fields if field[0] != name)
            yield replace(option, fields=fields, optional=option.optional - {name})
        properties = schema.get("properties")
        for index, (name, inner) in enumerate(option.fields):
            values = properties.get(name, True) if isinstance(properties, dict) else True
            if name not in option.optional and isinstance(inner, Choice) and isinstance(values, dict):
                kept = tuple(each for each in inner.options if self.excludes(each, values))
                fields = (*option.fields[:index], (name, Choice(kept)), *option.fields[index + 1 :])
                if kept:
                    yield replace(option, fields=fields)

    def excludes(self, grammar: Grammar, schema: Json) -> bool:
        """Whether certainly no text of the grammar is valid for the schema."""
        if not isinstance(schema, dict):
            return schema is False
        key = id(grammar), id(schema)
        if key not in self.known:
            self.steps += 1
            self.known[key] = (False, grammar)  # of a schema inside of itself
            self.known[key] = (self.steps <= MAX_STEPS and self.is_excluded(grammar, schema), grammar)
        return self.known[key][0]

    def is_excluded(self, grammar: Grammar, schema: JsonObject) -> bool:
        if isinstance(grammar, Choice):
            return all(self.is_excluded(option, schema) for option in grammar.options)
        if "$ref" in schema:
            try:
                target = resolve(self.root, schema["$ref"], ())
            except UnsupportedSchema:
                return False
            return self.excludes(grammar, target)  # up to draft 7 a reference hides what stands beside it
        return (
            excluded_by_value(grammar, schema, self.knows_const)
            or self.excluded_by_parts(grammar, schema)
            or self.excluded_inside(grammar, schema)
        )

    def excluded_by_parts(self, grammar: Grammar, schema: JsonObject) -> bool:
        if any(self.excludes(grammar, each) for each in list_of(schema, "allOf")):
            return True
        return any(
            name in schema
            and bool(options := list_of(schema, name))
            and all(self.excludes(grammar, each) for each in options)
            for name in ("anyOf", "oneOf")
        )

    def excluded_inside(self, grammar: Grammar, schema: JsonObject) -> bool:
        match grammar:
            case Object(fields, optional):
                names = {name for name, _ in fields}
                if any(name not in names for name in list_of(schema, "required")):
                    return True
                properties = schema.get("properties", {})
                closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
                return isinstance(properties, dict) and any(
                    name not in optional and (self.excludes(inner, properties[name]) if name in properties else closed)
                    for name, inner in fields
                )
            case Array(item, minimum, maximum):
                least = schema.get("minItems", 0)
                if isinstance(least, int) and maximum < least:
                    return True
                return minimum > 0 and "prefixItems" not in schema and self.excludes(item, schema.get("items", True))
            case _:
                return False


def excluded_by_value(grammar: Grammar, schema: JsonObject, knows_const: bool) -> bool:
    """By type, by the values of an enumeration, or by bounds of texts and numbers."""
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and "any" not in types and not any(may_have_type(grammar, name) for name in types):
        return True
    values = [schema["const"]] if knows_const and "const" in schema else list_of(schema, "enum")
    if values and not any(may_be(grammar, value) for value in values):
        return True
    match grammar:
        case Literal(str() as text):
            pattern = schema.get("pattern")
            return isinstance(pattern, str) and matches(pattern, text) is False
        case Integer(minimum, maximum):
            low, high = schema.get("minimum"), schema.get("maximum")
            return (isinstance(low, int | float) and maximum < low) or (
                isinstance(high, int | float) and minimum > high
            )
        case _:
            return False


def may_have_type(grammar: Grammar, name: Json) -> bool:
    match grammar:
        case Literal(value):
            return has_type(value, name)
        case Integer() | Number():
            return name in ("integer", "number")
        case _:
            return JSON_TYPES.get(cast("type[Text]", type(grammar)), name) == name


def may_be(grammar: Grammar, value: Json) -> bool:
    match grammar:
        case Literal(own):
            return same(own, value)
        case Integer() | Number():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case RegularExpression(pattern):
            return isinstance(value, str) and matches(pattern, value) is not False
        case Text() | DateTime():
            return isinstance(value, str)
        case Object(fields, optional):
            needed = {name for name, _ in fields} - optional
            return isinstance(value, dict) and needed <= value.keys()
        case _:
            return isinstance(value, list)


def list_of(schema: JsonObject, name: str) -> list[Json]:
    value = schema.get(name, [])
    return value if isinstance(value, list) else []


def flat(schema: JsonObject) -> list[JsonObject]:
    """The schema and those that it combines, one level deep."""
    inner = [each for name in ("anyOf", "allOf", "oneOf") for each in list_of(schema, name) if isinstance(each, dict)]
    return [schema, *inner]


def names_in(schema: JsonObject) -> list[str]:
    properties = schema.get("properties", {})
    names = [*list_of(schema, "required"), *(properties if isinstance(properties, dict) else ())]
    return [name for name in names if isinstance(name, str)]
