"""Texts of a schema's grammar are valid for the schema; unsupported keywords are refused with their location."""

from datetime import date, datetime, time
from typing import Any, Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from pydantic import BaseModel, Field

from plait.core.errors import InputError
from plait.core.grammar import ast as g
from plait.core.grammar.from_json_schema import grammar_from_schema
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.grammar.schema_texts import FORMAT_PATTERNS
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_text import dumps, parse_json
from plait.service.catalog import Catalog
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import decoder_text, json_values

AT = "response_format.json_schema.schema"


def schema_error(schema: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        grammar_from_schema(schema, AT)
    return caught.value


# ── schemas as people write them ──

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
scalars = st.none() | st.booleans() | st.integers(-99, 99) | names | st.floats(-99, 99).map(lambda x: round(x, 3))


def texts() -> st.SearchStrategy[dict[str, Any]]:
    sizes = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(sorted)
    return st.one_of(
        sizes.map(lambda pair: {"type": "string", "minLength": pair[0], "maxLength": pair[1]}),
        st.just({"type": "string"}),
        st.sampled_from(["date", "time", "date-time"]).map(lambda form: {"type": "string", "format": form}),
    )


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    kinds = st.sampled_from(["integer", "number"])
    bound = st.integers(-1000, 1000) | st.floats(-1000, 1000).map(lambda x: round(x, 4))
    keys = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    bounds = st.dictionaries(st.sampled_from(keys), bound, max_size=3)
    return st.builds(lambda kind, limits: {"type": kind, **limits}, kinds, bounds)


leaves = st.one_of(
    texts(),
    numbers(),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"], "maxLength": 3}]),
    scalars.map(lambda value: {"const": value}),
    st.lists(scalars, min_size=1, max_size=4).map(lambda values: {"enum": values}),
)


@st.composite
def objects(draw: st.DrawFn, nodes: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    fields = draw(st.dictionaries(names, nodes, min_size=1, max_size=4))
    required = draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    closed = draw(st.sampled_from([{}, {"additionalProperties": False}]))
    return {"type": "object", "title": "Some", "properties": fields, "required": required, **closed}


def inner(nodes: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    sizes = st.tuples(st.integers(0, 2), st.integers(0, 3)).map(sorted)
    lists = st.builds(
        lambda item, pair: {"type": "array", "items": item, "minItems": pair[0], "maxItems": pair[1]}, nodes, sizes
    )
    several = st.lists(nodes, min_size=1, max_size=3)
    unions = st.builds(lambda key, options: {key: options}, st.sampled_from(["anyOf", "oneOf"]), several)
    named = nodes.map(lambda node: {"$ref": "#/$defs/Some", "$defs": {"Some": node}})
    return st.one_of(objects(nodes), lists, unions, nodes.map(lambda node: {"allOf": [node]}), named)


schemas = st.recursive(leaves, inner, max_leaves=6)


def at_the_root(schema: dict[str, Any]) -> dict[str, Any]:
    """References point into the whole schema: what a part defines for itself is inlined."""
    if "$ref" in schema:
        return at_the_root(schema["$defs"]["Some"])
    return {key: replace_refs(value) for key, value in schema.items()}


def replace_refs(value: Any) -> Any:
    match value:
        case {"$ref": _, "$defs": _}:
            return at_the_root(value)
        case dict():
            return {key: replace_refs(each) for key, each in value.items()}
        case list():
            return [replace_refs(each) for each in value]
        case _:
            return value


@settings(max_examples=400)
@given(schemas, st.booleans(), st.data())
def test_every_text_of_the_grammar_is_valid_for_the_schema(
    node: dict[str, Any], behind: bool, data: st.DataObject
) -> None:
    schema = at_the_root(node)
    if behind:
        schema = {"$ref": "#/$defs/A~1b", "$defs": {"A/b": schema}}
    Draft202012Validator.check_schema(schema)
    try:
        grammar = grammar_from_schema(schema, AT)
    except InputError as error:
        # Bounds that cross, options that overlap: nothing else of these schemas is refused.
        assert any(word in str(error) for word in ("between them", "write anyOf", "more digits", "no value")), error
        assume(False)
        raise
    text = decoder_text(grammar, data.draw(json_values(grammar)))
    assert GbnfGrammar(gbnf(grammar)).admits(text)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(parse_json(text))


@settings(max_examples=100)
@given(schemas, st.data())
def test_a_grammar_survives_a_round_trip_through_its_json_schema(node: dict[str, Any], data: st.DataObject) -> None:
    try:
        grammar = grammar_from_schema(at_the_root(node), AT)
        again = grammar_from_schema(json_schema(grammar), AT)
    except InputError:
        assume(False)
        raise
    text = decoder_text(grammar, data.draw(json_values(grammar)))
    assert GbnfGrammar(gbnf(again)).admits(text)


@pytest.mark.parametrize("task", list(Catalog.built_in()), ids=lambda task: task.declaration.name)
def test_the_schemas_of_all_tasks_survive_a_round_trip(task: Any) -> None:
    declaration = task.declaration
    if declaration.answer.name == "image":
        pytest.skip("a picture is painted, not written by a schema")
    try:
        grammar = answer_grammar(declaration, NO_CONTEXT)
    except InputError:
        pytest.skip("its answer points into its inputs")
    if declaration.has_quotations:
        pytest.skip("its answer quotes its inputs")
    again = grammar_from_schema(json_schema(grammar), AT)
    assert json_schema(again) == json_schema(grammar)


class Line(BaseModel):
    what: str
    price: float = Field(gt=0, le=1000)


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(max_length=12)
    issued: date
    at: time | None = None
    seen: datetime | None = None
    lines: list[Line] = Field(min_length=1, max_length=3)
    currency: Literal["EUR", "USD"] = "EUR"
    paid: bool | None = None


@settings(max_examples=60)
@given(st.data())
def test_a_pydantic_model_accepts_every_text_of_its_grammar(data: st.DataObject) -> None:
    grammar = grammar_from_schema(Invoice.model_json_schema(), AT)
    Invoice.model_validate_json(dumps(data.draw(json_values(grammar))))


def test_an_optional_property_may_be_omitted() -> None:
    rules = GbnfGrammar(
        gbnf(grammar_from_schema({"type": "object", "properties": {name: {"const": 1} for name in "abc"}}, AT))
    )
    texts = ["{}", '{"a":1}', '{"b":1}', '{"a":1,"c":1}', '{"a":1,"b":1,"c":1}', '{"b":1,"c":1}']
    assert all(map(rules.admits, texts))
    assert not any(map(rules.admits, ["", "{,}", '{"a":1,}', '{,"b":1}', '{"b":1,"a":1}', '{"a":1"b":1}']))
    needed = {"type": "object", "properties": {name: {"const": 1} for name in "abc"}, "required": ["b"]}
    rules = GbnfGrammar(gbnf(grammar_from_schema(needed, AT)))
    assert rules.admits('{"b":1}') and rules.admits('{"a":1,"b":1}') and not rules.admits("{}")
    assert not rules.admits('{"a":1}') and not rules.admits('{"a":1,"c":1}')


def test_minus_zero_is_zero() -> None:
    for schema in ({"const": -0.0}, {"type": "number", "minimum": -0.0, "maximum": 0}):
        assert GbnfGrammar(gbnf(grammar_from_schema(schema, AT))).admits("0")


def test_a_string_at_the_root_is_written_as_json() -> None:
    rules = GbnfGrammar(gbnf(grammar_from_schema({"type": "string", "maxLength": 3}, AT)))
    assert rules.admits('"abc"') and not rules.admits("abc")


# ── what is refused ──

REFUSED: dict[str, tuple[Any, str, str]] = {
    "a pattern outside of the subset": ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=x)"}}},
                                        "properties.a.pattern", "is not supported"),
    "two patterns": ({"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}]}, "allOf.1.pattern",
        "beside another"),
    "a multiple": ({"type": "number", "multipleOf": 0.1}, "multipleOf", "is not supported except for"),
    "one that holds itself": ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
                                                                   "required": ["a"]}}},
                              "$ref.properties.a.$ref.properties.a.$ref", "refers to itself"),
    "a reference to nothing": ({"$ref": "#/$defs/A"}, "$ref", "refers to a missing definition"),
    "a reference elsewhere": ({"$ref": "http://x/y"}, "$ref", "should refer to a definition in this schema"),
    "fields without names": ({"type": "object", "minProperties": 1}, "minProperties", "needs fields that have no name"),
    "a list of any length above ours": ({"type": "array", "items": {"type": "null"}, "minItems": 10**6},
                                        "minItems", "is above the limit of"),
    "unlike items": ({"type": "array", "minItems": 2, "uniqueItems": True}, "uniqueItems", "more than one item"),
    "crossed lengths": ({"type": "string", "minLength": 3, "maxLength": 2}, "maxLength", "is less than minLength"),
    "crossed bounds": ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, "", "no whole number"),
    "bounds without a decimal": ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-7},
                                 "", "no number of six decimals"),
    "a bound that is none": ({"type": "number", "minimum": "2"}, "minimum", "should be a number"),
    "a bound beyond all": ({"type": "integer", "minimum": 10**30}, "minimum", "beyond what can be generated"),
    "nothing at all": (False, "", "admits no value"),
    "no schema": ({"items": 3, "type": "array"}, "items", "should be a schema"),
    "a type that is none": ({"type": "text"}, "type", "should be one of object, array, string"),
    "no types": ({"type": []}, "type", "is empty"),
    "types that exclude each other": ({"allOf": [{"type": "string"}, {"type": "null"}]}, "", "admits no value"),
    "no choice": ({"anyOf": []}, "anyOf", "should be a list of schemas"),
    "a negation of an enforced bound": ({"type": "string", "not": {"minLength": 2}}, "not", "cannot be enforced"),
    "a list as a constant": ({"const": [1]}, "const", "should be texts, numbers, true, false or null"),
    "an empty enum": ({"enum": []}, "enum", "should be a list of values"),
    "an enum of another type": ({"enum": ["a"], "type": "integer"}, "enum", "has no value of the given type"),
    "options that overlap": ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "oneOf.1", "write anyOf"),
    "a field that depends on a schema": ({"type": "object", "required": ["a"],
        "dependencies": {"a": {"required": ["b"]}}},
                                         "dependencies.a", "is not supported for a field that is required"),
    "a draft of its own": ({"$dynamicRef": "#x"}, "$dynamicRef", "is not supported"),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "place", "why"), REFUSED.values(), ids=list(REFUSED))
def test_an_unsupported_keyword_is_refused_with_its_location(schema: Any, place: str, why: str) -> None:
    error = schema_error(schema)
    (problem,) = error.problems
    assert problem.path == f"{AT}.{place}".rstrip(".") and why in problem.message, problem
    assert error.hint and problem.path in error.message


def test_a_schema_that_grows_is_narrowed_or_refused_at_once() -> None:
    def doubled(required: list[str]) -> dict[str, Any]:
        both = {f"d{n}": {"type": "object", "required": required, "properties":
                          {name: {"$ref": f"#/$defs/d{n + 1}"} for name in "ab"}} for n in range(40)}  # fmt: skip
        return {"$ref": "#/$defs/d0", "$defs": {**both, "d40": {"type": "null"}}}

    assert len(gbnf(grammar_from_schema(doubled([]), AT))) < 100_000
    assert "is too large" in schema_error(doubled(["a", "b"])).message
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(5000)}
    assert "is too large" in schema_error({"$ref": "#/$defs/d0", "$defs": chain}).message


def test_a_definition_that_is_itself_is_excluded_by_nothing() -> None:
    loop = {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"allOf": [{"$ref": "#/$defs/A"}]}]}}
    assert "cannot be enforced" in schema_error({"type": "string", "not": {"$ref": "#/$defs/A"}, "$defs": loop}).message


# ── what is taken ──

TREE = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "required": ["n"], "properties": {
    "n": {"const": 1}, "more": {"type": "array", "items": {"$ref": "#/$defs/T"}, "maxItems": 2}}}}}  # fmt: skip
AB = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}}
TAKEN: dict[str, tuple[Any, list[str], list[str]]] = {
    "anything": ({}, ["1", '"x"', "null", "true", "{}", "[]", '["x"]'], ["[[[1]]]"]),
    "annotations": ({"x-y": 1, "example": 2, "id": "q", "enumNames": [], "type": "null"}, ["null"], ["1"]),
    "an open object": ({"type": "object"}, ["{}"], ["1"]),
    "a required field without a schema": ({"type": "object", "required": ["a"]}, ['{"a":1}', '{"a":"x"}'], ["{}"]),
    "a schema of other fields": ({"type": "object", "required": ["a", "b1"], "patternProperties": {"^b": {"const": 1}},
                                  "additionalProperties": {"type": "null"}}, ['{"a":null,"b1":1}'], ['{"a":1,"b1":1}']),
    "no type": ({"minLength": 2, "maxLength": 3}, ['"ab"', "1", "{}"], ['"a"']),
    "a pattern": ({"type": "string", "pattern": "^[a-c]+$", "maxLength": 2}, ['"ab"'], ['"abc"', '"d"']),
    "a format": ({"type": "string", "format": "uuid"}, ['"00000000-0000-0000-0000-000000000000"'], ['"0"']),
    "a moment with its zone": ({"type": "string", "format": "date-time"}, ['"2026-05-03T10:00:00Z"'],
        ['"2026-05-03T10:00:00"']),
    "a number format": ({"type": "integer", "format": "int32"}, ["2147483647"], ["2147483648"]),
    "a flag of draft 4": ({"type": "integer", "minimum": 1, "exclusiveMinimum": True, "maximum": 3}, ["2"], ["1"]),
    "multiples": ({"type": "integer", "multipleOf": 5, "minimum": 3, "maximum": 12}, ["5", "10"], ["3", "0"]),
    "all of several": ({"allOf": [AB, {"required": ["a"]}, {"properties": {"a": {"minimum": 5, "maximum": 6}}}]},
                       ['{"a":5}', '{"a":6,"b":true}'], ["{}", '{"a":4}']),
    "options beside fields": ({**AB, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, ['{"a":1}', '{"b":true}'],
        ["{}"]),
    "one of two fields": ({**AB, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
                          ['{"a":1}', '{"b":true}'], ["{}", '{"a":1,"b":true}']),
    "a forbidden field": ({**AB, "not": {"required": ["b"]}}, ["{}", '{"a":1}'], ['{"b":true}']),
    "a forbidden value": ({"enum": ["a", "b"], "not": {"const": "a"}}, ['"b"'], ['"a"']),
    "a reference beside a bound": ({"$ref": "#/$defs/S", "minLength": 2, "$defs": {"S": {"type": "string",
        "maxLength": 2}}},
                                   ['"ab"'], ['"a"']),
    "an enum with another": ({"allOf": [{"enum": ["a", 1, None]}, {"enum": [1, "a", 2]}], "type": "string"}, ['"a"'],
        ["1"]),
    "a condition": ({"properties": {"k": {"enum": ["x", "y"]}, "v": {"type": "integer"}}, "required": ["k"],
        "type": "object",
                     "if": {"properties": {"k": {"const": "x"}}}, "then": {"required": ["v"]}},
                    ['{"k":"x","v":1}', '{"k":"y"}'], ['{"k":"x"}']),
    "the fewest fields": ({**AB, "minProperties": 1}, ['{"a":1}', '{"a":1,"b":true}'], ["{}"]),
    "the most fields": ({**AB, "maxProperties": 1}, ["{}", '{"a":1}'], ['{"a":1,"b":true}']),
    "fields that need others": ({**AB, "required": ["a"], "dependentRequired": {"a": ["b"]}}, ['{"a":1,"b":true}'],
        ['{"a":1}']),
    "names of fields": ({**AB, "propertyNames": {"pattern": "^a"}}, ["{}", '{"a":1}'], ['{"b":true}']),
    "a tuple": ({"type": "array", "items": [{"const": 1}, {"const": 2}]}, ["[]", "[1]"], ["[2]", "[1,1]"]),
    "unlike items": ({"type": "array", "items": {"type": "boolean"}, "uniqueItems": True}, ["[]", "[true]"],
        ["[true,true]"]),
    "an item that has to be": ({"type": "array", "contains": {"const": 1}}, ["[1]"], ["[]"]),
    "a tree": (TREE, ['{"n":1}', '{"n":1,"more":[{"n":1}]}'], ['{"more":[]}']),
    "a definition elsewhere that is not needed": ({"type": "object", "properties": {"a": {"$ref": "b.json"}}},
        ["{}"], ['{"a":1}']),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "yes", "no"), TAKEN.values(), ids=list(TAKEN))
def test_a_schema_is_taken(schema: Any, yes: list[str], no: list[str]) -> None:
    rules = GbnfGrammar(gbnf(grammar_from_schema(schema, AT)))
    assert [text for text in (*yes, *no) if rules.admits(text)] == yes


@pytest.mark.parametrize("schema", [schema for schema, _, _ in TAKEN.values()], ids=list(TAKEN))
def test_texts_of_a_taken_schema_are_valid(schema: Any) -> None:
    grammar = grammar_from_schema(schema, AT)
    is_tuple = isinstance(schema.get("items"), list)
    validator = Draft7Validator if is_tuple else Draft202012Validator
    checked = validator(schema, format_checker=FormatChecker())

    @settings(max_examples=30)
    @given(json_values(grammar))
    def check(value: Any) -> None:
        checked.validate(value)

    check()


@pytest.mark.parametrize("name", list(FORMAT_PATTERNS))
def test_a_format_is_valid_by_its_standard(name: str) -> None:
    @settings(max_examples=20)
    @given(json_values(grammar_from_schema({"type": "string", "format": name}, AT)))
    def check(value: Any) -> None:
        FormatChecker().check(value, name)

    check()


def test_disjoint_options_satisfy_one_of() -> None:
    def of(kind: str) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"kind": {"const": kind}, "n": {"type": "integer"}},
            "required": ["kind"],
        }

    grammar = grammar_from_schema(
        {"oneOf": [of("a"), of("b"), {"type": "null"}, {"type": "array", "items": of("a")}]}, AT
    )
    assert isinstance(grammar, g.Choice) and len(grammar.options) == 4
