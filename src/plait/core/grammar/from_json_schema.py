"""JSON Schema to grammar: reads the answer schema of another program.

A grammar may be narrower than its schema (texts have a maximum length, objects have no unnamed fields), so whatever it
admits is valid. It is never wider: an unsupported keyword is refused with its name and path. Source: JSON Schema
2020-12.
"""

from dataclasses import dataclass, field
from typing import cast

from plait.core.grammar.ast import MAX_ITEMS, Array, Choice, Grammar, Literal, Object, Text
from plait.core.grammar.disjoint import disjoint
from plait.core.grammar.json_schema_leaves import (
    NUMBER_KEYWORDS,
    TEXT_KEYWORDS,
    JsonObject,
    JsonPath,
    UnsupportedSchema,
    check_keywords,
    integer_grammar,
    literal_grammar,
    number_grammar,
    size_bounds,
    text_grammar,
)
from plait.core.values.json_value import Json
from plait.core.values.strict import request_error

# Keywords that describe a schema or hold its parts, and refuse no value.
ANNOTATION_KEYWORDS = {
    *("title", "description", "examples", "default", "$comment", "deprecated", "readOnly", "writeOnly"),
    *("$schema", "$id", "$defs", "definitions", "discriminator"),
}
TYPE_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": TEXT_KEYWORDS,
    "number": NUMBER_KEYWORDS,
    "integer": NUMBER_KEYWORDS,
    "boolean": set[str](),
    "null": set[str](),
}
MAX_NODES = 1_000  # llama.cpp takes 3 s to start a choice of this size, and answers no other request meanwhile
MAX_DEPTH = 64
HINT = "leave it out, and check it yourself; docs/how-to/openai-clients.md lists what is supported"


def grammar_from_schema(schema: Json, location: str) -> Grammar:
    """The grammar of the schema at a dotted path. Raises InputError naming the unsupported part."""
    try:
        grammar = SchemaParser(schema).grammar(schema, tuple(location.split(".")))
    except UnsupportedSchema as unheld:
        raise request_error("the schema", (unheld.problem,), HINT) from None
    # A stand-alone text is written bare, but an answer to a schema has to be JSON.
    return Choice((grammar,)) if isinstance(grammar, Text) else grammar


@dataclass
class SchemaParser:
    """Parser state of one schema: the targets of its references, and its size so far."""

    root: Json
    open_refs: list[str] = field(default_factory=list[str])
    node_count: int = 0

    def grammar(self, schema: Json, path: JsonPath) -> Grammar:
        self.count_nodes(1, path)
        if not isinstance(schema, dict):
            raise UnsupportedSchema(path, "should be a schema with a type", schema)
        keywords = {name: value for name, value in schema.items() if name not in ANNOTATION_KEYWORDS}
        for name, reader in (("$ref", self.resolve_ref), ("anyOf", self.any_of), ("oneOf", self.one_of)):
            if name in keywords:
                check_keywords(keywords, {name, "type"} if name != "$ref" else {name}, path)
                return reader(keywords[name], (*path, name))
        if "allOf" in keywords:
            return self.all_of(keywords, path)
        if "const" in keywords or "enum" in keywords:
            return self.enumeration(keywords, path)
        return self.from_types(keywords, path)

    def count_nodes(self, count: int, path: JsonPath) -> None:
        self.node_count += count
        if self.node_count > MAX_NODES or len(self.open_refs) > MAX_DEPTH or len(path) > 4 * MAX_DEPTH:
            raise UnsupportedSchema(path, f"is too large: at most {MAX_NODES:,} parts, {MAX_DEPTH} references deep")

    def resolve_ref(self, ref: Json, path: JsonPath) -> Grammar:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise UnsupportedSchema(path, "should refer to a definition in this schema: #/$defs/NAME", ref)
        if ref in self.open_refs:
            raise UnsupportedSchema(path, "refers to itself, which is not supported", ref)
        target = self.root
        for step in ref.removeprefix("#/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or step not in target:
                raise UnsupportedSchema(path, "refers to a missing definition", ref)
            target = target[step]
        self.open_refs.append(ref)
        grammar = self.grammar(target, path)
        self.open_refs.pop()
        return grammar

    def any_of(self, options: Json, path: JsonPath) -> Choice:
        if not isinstance(options, list) or not options:
            raise UnsupportedSchema(path, "should be a list of schemas", options)
        return Choice(tuple(self.grammar(option, (*path, str(index))) for index, option in enumerate(options)))

    def one_of(self, options: Json, path: JsonPath) -> Choice:
        """The same as anyOf, if no value matches two options at once."""
        choice = self.any_of(options, path)
        for index, option in enumerate(choice.options):
            for other in range(index):
                if not disjoint(option, choice.options[other]):
                    raise UnsupportedSchema((*path, str(index)), f"may be what {path[-1]}.{other} is too: write anyOf")
        return choice

    def all_of(self, keywords: JsonObject, path: JsonPath) -> Grammar:
        check_keywords(keywords, {"allOf"}, path)
        options = keywords["allOf"]
        if not isinstance(options, list) or len(options) != 1:
            raise UnsupportedSchema((*path, "allOf"), "is not supported, except with one item")
        return self.grammar(options[0], (*path, "allOf", "0"))

    def enumeration(self, keywords: JsonObject, path: JsonPath) -> Grammar:
        name = "const" if "const" in keywords else "enum"
        check_keywords(keywords, {name, "type"}, path)
        values = [keywords["const"]] if name == "const" else keywords["enum"]
        if not isinstance(values, list) or not values:
            raise UnsupportedSchema((*path, name), "should be a list of values", values)
        self.count_nodes(len(values), path)
        types = type_names(keywords, path) if "type" in keywords else []
        typed_values = [value for value in values if not types or any(has_type(value, each) for each in types)]
        if not typed_values:
            raise UnsupportedSchema((*path, name), "has no value of the given type", values)
        literals = tuple(literal_grammar(value, (*path, name)) for value in typed_values)
        return literals[0] if len(literals) == 1 else Choice(literals)

    def from_types(self, keywords: JsonObject, path: JsonPath) -> Grammar:
        types = type_names(keywords, path)
        allowed = set[str]().union(*(TYPE_KEYWORDS[each] for each in types))
        check_keywords(keywords, allowed | {"type"}, path)
        grammars = tuple(self.from_type(each, keywords, path) for each in types)
        return grammars[0] if len(grammars) == 1 else Choice(grammars)

    def from_type(self, name: str, keywords: JsonObject, path: JsonPath) -> Grammar:
        match name:
            case "object":
                return self.object_grammar(keywords, path)
            case "array":
                low, high = size_bounds(keywords, "minItems", "maxItems", MAX_ITEMS, path)
                if "items" not in keywords:
                    raise UnsupportedSchema(path, "should have items")
                return Array(self.grammar(keywords["items"], (*path, "items")), low, high)
            case "string":
                return text_grammar(keywords, path)
            case "integer":
                return integer_grammar(keywords, path)
            case "number":
                return number_grammar(keywords, path)
            case "boolean":
                return Choice((Literal(True), Literal(False)))
            case _:
                return Literal(None)

    def object_grammar(self, keywords: JsonObject, path: JsonPath) -> Object:
        fields, required = keywords.get("properties", {}), keywords.get("required", [])
        if not isinstance(fields, dict) or not fields:
            raise UnsupportedSchema(
                (*path, "properties"), "should list the object's fields: no others can be generated", fields
            )
        if not isinstance(required, list) or any(name not in fields for name in required if isinstance(name, str)):
            raise UnsupportedSchema((*path, "required"), "should list names from properties", required)
        # Unnamed fields are never written, so `false` and `true` are equivalent here.
        if not isinstance(keywords.get("additionalProperties", False), bool):
            raise UnsupportedSchema(
                (*path, "additionalProperties"), "is not supported: list the fields in properties", None
            )
        parts = tuple((name, self.grammar(inner, (*path, "properties", name))) for name, inner in fields.items())
        return Object(parts, frozenset(name for name in fields if name not in required))


def type_names(keywords: JsonObject, path: JsonPath) -> list[str]:
    """The declared types, otherwise the type whose keywords are present."""
    value = keywords.get("type")
    if value is None:
        guesses = [name for name, keys in TYPE_KEYWORDS.items() if name != "integer" and keys & set(keywords)]
        if len(guesses) != 1:
            unknown = next((name for name in keywords), None)
            raise UnsupportedSchema((*path, unknown) if unknown else path, "is not supported: give the type", keywords)
        return guesses
    types = value if isinstance(value, list) else [value]
    for name in types:
        if not isinstance(name, str) or name not in TYPE_KEYWORDS:
            raise UnsupportedSchema((*path, "type"), f"should be one of {', '.join(TYPE_KEYWORDS)}", value)
    if not types:
        raise UnsupportedSchema((*path, "type"), "is empty", value)
    return cast("list[str]", types)


def has_type(value: Json, name: str) -> bool:
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
