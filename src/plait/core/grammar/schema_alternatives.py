"""A schema as alternatives: flat schemas that hold at once, without $ref, allOf, anyOf, oneOf, if and not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from plait.core.grammar.json_schema_leaves import JsonObject, JsonPath, UnsupportedSchema
from plait.core.values.json_value import Json

# Keywords that are read here, or with the type that they belong to. All others refuse no value.
COMBINING = {"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "not"}
FLAT = {
    *("type", "enum", "const"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties"),
    *("maxProperties", "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    *("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains"),
    *("maxContains", "unevaluatedItems"),
    *("minLength", "maxLength", "pattern", "format"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
UNSUPPORTED = {"$dynamicRef", "$recursiveRef", "extends", "disallow", "divisibleBy"}
LOCAL = "should refer to a definition in this schema: #/$defs/NAME"
MAX_ALTERNATIVES = 40  # further ones are left out
MAX_REFS = 60
MAX_RECURSION = 1  # a definition may be inside of itself so often


@dataclass(frozen=True)
class Part:
    """A schema and where it stands."""

    schema: Json
    path: JsonPath
    keywords: JsonObject = field(default_factory=dict[str, Json], compare=False)

    def at(self, *steps: str | int) -> "Part":
        """A part of it: a subschema."""
        schema: Any = self.schema
        for step in steps:
            schema = schema[step]
        return Part(cast(Json, schema), (*self.path, *map(str, steps)))


@dataclass(frozen=True)
class Alternative:
    """Flat parts that hold at once; no value may be valid for one of the `excluded`."""

    parts: list[Part]
    excluded: tuple[Part, ...] = ()
    refs: tuple[str, ...] = ()

    def __add__(self, other: "Alternative") -> "Alternative":
        return Alternative([*self.parts, *other.parts], (*self.excluded, *other.excluded), (*self.refs, *other.refs))


EVERYTHING = [Alternative([])]
Nothing: TypeAlias = Callable[[JsonPath, str, object], None]


@dataclass(frozen=True)
class Context:
    """References that are open around a part, and whom to tell that it has no text."""

    open_refs: Mapping[str, int]
    nothing: Nothing


@dataclass
class AlternativeReader:
    root: Json

    def read(self, parts: tuple[Part, ...], open_refs: Mapping[str, int], nothing: Nothing) -> list[Alternative]:
        context = Context(open_refs, nothing)
        found = EVERYTHING
        for part in parts:
            found = product(found, self.of_part(part, (), context))
        return found

    def of_part(self, part: Part, refs: tuple[str, ...], context: "Context") -> list[Alternative]:
        schema = part.schema
        if schema is True:
            return [Alternative([Part(True, part.path)])]
        if schema is False:
            return []
        if not isinstance(schema, dict):
            raise UnsupportedSchema(part.path, "should be a schema", schema)
        for name in UNSUPPORTED & schema.keys():
            raise UnsupportedSchema((*part.path, name), "is not supported", schema[name])
        keywords = {name: value for name, value in schema.items() if name in FLAT}
        found = [Alternative([Part(schema, part.path, keywords)])]
        for name in COMBINING & schema.keys():
            if name not in ("then", "else"):
                found = product(found, self.combined(name, part, refs, context))
        return found

    def combined(self, name: str, part: Part, refs: tuple[str, ...], context: "Context") -> list[Alternative]:
        match name:
            case "$ref":
                return self.follow_ref(part.at(name), refs, context)
            case "allOf":
                found = EVERYTHING
                for option in members(part.at(name)):
                    found = product(found, self.of_part(option, refs, context))
                return found
            case "anyOf":
                options = members(part.at(name))
                return [each for option in options for each in self.of_part(option, refs, context)]
            case "oneOf":
                options = members(part.at(name))
                return [
                    each + Alternative([], tuple(other for other in options if other is not option))
                    for option in options
                    for each in self.of_part(option, refs, context)
                ]
            case "not":
                return [Alternative([], (part.at(name),))]
            case _:
                return list(self.conditional(part, refs, context))

    def conditional(self, part: Part, refs: tuple[str, ...], context: "Context") -> Iterator[Alternative]:
        """Either the condition and `then` hold, or `else` does and the condition does not."""
        schema = part.schema
        assert isinstance(schema, dict)
        for name, condition in (("then", True), ("else", False)):
            branch = self.of_part(part.at(name), refs, context) if name in schema else [Alternative([])]
            if condition:
                yield from product(self.of_part(part.at("if"), refs, context), branch)
            else:
                yield from product([Alternative([], (part.at("if"),))], branch)

    def follow_ref(self, part: Part, refs: tuple[str, ...], context: "Context") -> list[Alternative]:
        ref = part.schema
        if not (isinstance(ref, str) and is_local(ref)):
            context.nothing(part.path, LOCAL, ref)
            return []
        target = resolve(self.root, ref, part.path)
        if ref in refs or context.open_refs.get(ref, 0) > MAX_RECURSION:
            context.nothing(part.path, "refers to itself, which is not supported", ref)
            return []
        if len(refs) > MAX_REFS:
            raise UnsupportedSchema(part.path, f"is too large: at most {MAX_REFS} references to references", ref)
        found = self.of_part(Part(target, part.path), (*refs, ref), context)
        return [each + Alternative([], (), (ref,)) for each in found]


def is_local(ref: str) -> bool:
    return ref == "#" or ref.startswith("#/")


def resolve(root: Json, ref: Json, path: JsonPath) -> Json:
    if not (isinstance(ref, str) and is_local(ref)):
        raise UnsupportedSchema(path, LOCAL, ref)
    target = root
    for step in ref.removeprefix("#").removeprefix("/").split("/") if ref != "#" else ():
        step = step.replace("~1", "/").replace("~0", "~").replace("%25", "%")
        if isinstance(target, list) and step.isdecimal() and int(step) < len(target):
            target = target[int(step)]
        elif isinstance(target, dict) and step in target:
            target = target[step]
        else:
            raise UnsupportedSchema(path, "refers to a missing definition", ref)
    return target


def members(part: Part) -> list[Part]:
    if not isinstance(part.schema, list) or not part.schema:
        raise UnsupportedSchema(part.path, "should be a list of schemas", part.schema)
    return [part.at(index) for index in range(len(part.schema))]


def product(some: list[Alternative], others: list[Alternative]) -> list[Alternative]:
    if some == EVERYTHING:
        return others[:MAX_ALTERNATIVES]
    return [one + other for one in some for other in others][:MAX_ALTERNATIVES]
