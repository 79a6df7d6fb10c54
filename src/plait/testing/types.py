"""check_type: a folder is a value type, and its files agree with each other."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, cast, get_args, get_origin

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from plait.core.grammar import ast as g
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.task.signature import Target, TypeResolver
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.value_type import (
    NO_CONSTRAINTS,
    CallContext,
    Json,
    ValueType,
    annotation_parsers,
    constraints_from,
    describe,
    grammar_of,
    iter_types,
    metric_of,
    render,
    schema_of,
    strategy_of,
)
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import decoder_text, json_values
from plait.types.image.image import Image
from plait.types.ref.strategy import CANDIDATES, ELEMENTS

FILES = ("value", "prompt", "grammar", "schema", "metric", "strategy")
# What a Ref of a sample may point at: everything drawn stands beside these.
RESOLVER = TypeResolver(
    (*(Target(path, element) for path, element in ELEMENTS.items()), Target(("picture",), is_image=True))
)
# The smallest picture that is drawn, 16 pixels wide and high: every box that is drawn lies on it.
SAMPLE_IMAGE = Image(
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGUlEQVR4nGO0CrvCQApgIkn1qIZRDUNKAwBzKgGEZgZkyAA"
    "AAABJRU5ErkJggg=="
)
SAMPLE_CANDIDATES = {**CANDIDATES, ("picture",): (SAMPLE_IMAGE,)}
# As the wire has it, by name as a model writes, and in each frame that a model may write boxes in.
CONTEXTS = (
    CallContext(SAMPLE_CANDIDATES),
    *(
        CallContext(SAMPLE_CANDIDATES, by_name=True, box_format=frame)
        for frame in ("", "pixels", "per-mille", "unit", "bins")
    ),
)
kit_settings = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)


@dataclass(frozen=True)
class RenderedGrammar:
    """A grammar with both of its renderings, read by interpreters of their own."""

    grammar: g.Grammar
    gbnf_rules: GbnfGrammar
    schema: dict[str, Any]

    def check_admits(self, json_value: Json) -> None:
        text = decoder_text(self.grammar, json_value)
        assert self.gbnf_rules.admits(text), f"GBNF does not admit {text}"
        assert is_valid(self.schema, json_value), f"JSON Schema does not admit {text}"


def render_grammar(grammar: g.Grammar) -> RenderedGrammar:
    schema = cast("dict[str, Any]", json_schema(grammar))
    Draft202012Validator.check_schema(schema)
    return RenderedGrammar(grammar, GbnfGrammar(gbnf(grammar)), schema)


def is_valid(schema: dict[str, Any], json_value: Json) -> bool:
    """By the standard's own words, formats included."""
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(json_value)


def check_type(name: str) -> None:
    """Raises AssertionError where the folder is none. `name` is that of a built-in, or a package's dotted name.

    Its strategy.py lists `SAMPLES`: annotations that it reads, as users will write them.
    """
    package = f"plait.types.{name}" if "." not in name and find_spec(f"plait.types.{name}") else name
    assert find_spec(package), f"there is no folder called {package}"
    missing = [file for file in FILES if find_spec(f"{package}.{file}") is None]
    assert not missing, f"{package} lacks {', '.join(f'{file}.py' for file in missing)}"
    samples = getattr(import_module(f"{package}.strategy"), "SAMPLES", ())
    assert samples, f"{package}.strategy lists no SAMPLES: annotations that it reads"
    for annotation in samples:
        value_type = type_of_sample(annotation, package)
        check_values(value_type)
        check_grammar(value_type, annotation)


def type_of_sample(annotation: object, package: str) -> ValueType:
    """The type of a sample, which its own folder reads and no other."""
    inner, constraints = annotation, NO_CONSTRAINTS
    if get_origin(annotation) is Annotated:
        inner, constraints = get_args(annotation)[0], constraints_from(get_args(annotation)[1:])
    types = [
        value_type
        for from_annotation in annotation_parsers()
        if (value_type := from_annotation(inner, constraints, RESOLVER)) is not None
    ]
    readers = ", ".join(value_type.package for value_type in types)
    assert readers == package, f"{annotation} is read by {readers or 'no folder'}, not by {package} alone"
    assert types[0] == RESOLVER.resolve(annotation), f"{annotation} is read differently the second time"
    return types[0]


def check_values(value_type: ValueType) -> None:
    """A value survives its JSON form; grammar, schema, prompt and metric know it."""
    by_index = CONTEXTS[0]
    admitted = [(context, render_grammar(grammar_of(value_type, context))) for context in CONTEXTS]
    schema = cast("dict[str, Any]", schema_of(value_type))
    Draft202012Validator.check_schema(schema)

    @kit_settings
    @given(strategy_of(value_type), strategy_of(value_type))
    def check(value: object, other: object) -> None:
        for context, each in admitted:
            json_value = value_type.encode(value, context)
            assert parse_json(dumps(json_value)) == json_value, f"{json_value!r} is not JSON"
            assert value_type.decode(parse_json(dumps(json_value)), context) == value, (
                f"{value!r} comes back otherwise from {json_value!r}"
            )
            each.check_admits(json_value)
        json_value = value_type.encode(value, by_index)
        assert is_valid(schema, json_value), f"the schema does not admit {json_value!r}"
        assert isinstance(render(value_type, value), str), f"{value!r} is not written as a text"
        assert metric_of(value_type, value, value) == 1, f"{value!r} does not agree with itself"
        assert 0 <= metric_of(value_type, value, other) <= 1, f"{value!r} and {other!r} agree out of bounds"

    check()
    assert describe(value_type), f"{value_type} has no description"


def check_grammar(value_type: ValueType, annotation: object) -> None:
    """What a decoder can write both renderings admit; it decodes and, without residual checks, is valid."""
    adapter: TypeAdapter[object] = TypeAdapter(cast(Any, annotation))
    rules = [rule for _, each in iter_types(value_type) for rule in each.residual_checks()]
    for context in CONTEXTS:
        each = render_grammar(grammar_of(value_type, context))
        check_generated_values(value_type, context, each, None if rules else adapter)


def check_generated_values(
    value_type: ValueType, context: CallContext, rendered_grammar: RenderedGrammar, adapter: TypeAdapter[object] | None
) -> None:
    @kit_settings
    @given(json_values(rendered_grammar.grammar))
    def check(json_value: Json) -> None:
        rendered_grammar.check_admits(json_value)
        if adapter is not None:
            value = adapter.validate_python(value_type.decode(parse_json(dumps(json_value)), context))
            decoded = value_type.decode(value_type.encode(value, context), context)
            assert decoded == value, f"{json_value!r} is read as {value!r}, and that as {decoded!r}"

    check()
