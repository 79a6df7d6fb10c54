"""check_type: the parts of a value type agree with each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, cast, get_args, get_origin

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from plait.core.grammar import ast as g
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.grammar.pruning import prune_impossible
from plait.core.task.signature import UnsupportedType, check_markers
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import NO_CONSTRAINTS, Constraints, constraints_from
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType, all_value_types, iter_types, value_types_in
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.samples import CONTEXTS, RESOLVER, SAMPLES
from plait.testing.strategies import strategy_of
from plait.testing.values import decoder_text, json_values

kit_settings = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)


@dataclass(frozen=True)
class RenderedGrammar:
    """A grammar with both of its renderings, each read by an independent interpreter."""

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
    """Whether the value is valid by the JSON Schema standard, formats included."""
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(json_value)


def check_type(
    name: str, samples: Sequence[object] = (), strategy: Callable[[ValueType], st.SearchStrategy[Any]] | None = None
) -> None:
    """Checks that the parts of a value type agree with each other. Raises AssertionError.

    `name` is the file of a built-in type ("number"), or the module of a type of another package, which passes
    `samples`: annotations as users write them. `strategy` generates values of a type for Hypothesis; by default they
    come from the grammar.
    """
    module_name = f"plait.types.{name}" if "." not in name and find_spec(f"plait.types.{name}") else name
    assert find_spec(module_name), f"there is no module called {module_name}"
    types = value_types_in(import_module(module_name))
    assert types, f"{module_name} defines no subclass of ValueType"
    samples = samples or SAMPLES.get(name, ())
    assert samples, f"pass samples: annotations that {module_name} reads"
    for annotation in samples:
        value_type = type_of_sample(annotation, types)
        check_values(value_type, (strategy or strategy_of)(value_type))
        check_grammar(value_type, annotation)


def type_of_sample(annotation: object, expected: Sequence[type[ValueType]]) -> ValueType:
    """The type of a sample. Exactly one type has to accept the sample, and it has to be an expected one."""
    inner, constraints = annotation, NO_CONSTRAINTS
    if get_origin(annotation) is Annotated:
        inner, constraints = get_args(annotation)[0], constraints_from(get_args(annotation)[1:])
    types = [
        value_type
        for each in all_value_types()
        if (value_type := each.from_annotation(inner, constraints, RESOLVER)) is not None
        and accepts_markers(value_type, inner, constraints)
    ]
    readers = ", ".join(type(value_type).__name__ for value_type in types)
    wanted = " or ".join(each.__name__ for each in expected)
    assert len(types) == 1 and isinstance(types[0], tuple(expected)), (
        f"{annotation} is read by {readers or 'no value type'}, not by {wanted} alone"
    )
    assert types[0] == RESOLVER.resolve(annotation), f"{annotation} is read differently the second time"
    return types[0]


def pruned_grammar(value_type: ValueType, context: CallContext) -> g.Grammar:
    """The grammar as a decoder gets it: without parts that no answer can have."""
    grammar = prune_impossible(value_type.grammar(context))
    assert grammar is not None, f"{value_type} has no value at all"
    return grammar


def accepts_markers(value_type: ValueType, annotation: object, constraints: Constraints) -> bool:
    try:
        check_markers(value_type, annotation, constraints.markers)
    except UnsupportedType:
        return False
    return True


def check_values(value_type: ValueType, strategy: st.SearchStrategy[Any]) -> None:
    """Checks that a value survives its JSON form and is accepted by grammar, schema, prompt and score."""
    by_index = CONTEXTS[0]
    admitted = [(context, render_grammar(pruned_grammar(value_type, context))) for context in CONTEXTS]
    schema = cast("dict[str, Any]", value_type.schema())
    Draft202012Validator.check_schema(schema)

    @kit_settings
    @given(strategy, strategy)
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
        assert isinstance(value_type.render(value), str), f"{value!r} is not written as a text"
        assert value_type.score(value, value) == 1, f"{value!r} does not agree with itself"
        assert 0 <= value_type.score(value, other) <= 1, f"{value!r} and {other!r} agree out of bounds"

    check()
    assert value_type.describe(), f"{value_type} has no description"


def check_grammar(value_type: ValueType, annotation: object) -> None:
    """Checks that both renderings admit everything a decoder can write, and that it decodes.

    Without residual checks it also has to be valid.
    """
    adapter: TypeAdapter[object] = TypeAdapter(cast(Any, annotation))
    rules = [rule for _, each in iter_types(value_type) for rule in each.residual_checks()]
    contexts = {
        pruned_grammar(value_type, context): context for context in CONTEXTS
    }  # most types have one grammar for all
    for grammar, context in contexts.items():
        check_generated_values(value_type, context, render_grammar(grammar), None if rules else adapter)


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
