"""check_modality: a folder is a kind of value, and its files agree with each other."""

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
from plait.core.task.signature import Reader, Target
from plait.core.values.json_text import dumps, parsed
from plait.core.values.value_type import (
    NO_FACTS,
    Beside,
    Json,
    Kind,
    facts_in,
    grammar_of,
    inside,
    metric_of,
    outline,
    readers,
    schema_of,
    strategy_of,
    written,
)
from plait.testing.gbnf_check import Grammar
from plait.testing.values import text_of, values_in
from plait.types.image.image import Image
from plait.types.ref.strategy import CANDIDATES, ELEMENTS

FILES = ("value", "prompt", "grammar", "schema", "metric", "strategy")
# What a Ref of a sample may point at: everything drawn stands beside these.
READER = Reader((*(Target(path, element) for path, element in ELEMENTS.items()), Target(("picture",), picture=True)))
# The smallest picture that is drawn, 16 pixels wide and high: every box that is drawn lies on it.
PICTURE = Image(
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGUlEQVR4nGO0CrvCQApgIkn1qIZRDUNKAwBzKgGEZgZkyAA"
    "AAABJRU5ErkJggg=="
)
STANDING = {**CANDIDATES, ("picture",): (PICTURE,)}
# As the wire has it, by name as a model writes, and in each frame that a model may write boxes in.
BESIDES = (
    Beside(STANDING),
    *(Beside(STANDING, named=True, frame=frame) for frame in ("", "pixels", "per-mille", "unit", "bins")),
)
kit = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)


@dataclass(frozen=True)
class Held:
    """A grammar with both of its renderings, read by interpreters of their own."""

    grammar: g.Grammar
    rules: Grammar
    schema: dict[str, Any]

    def admits(self, wire: Json) -> None:
        text = text_of(self.grammar, wire)
        assert self.rules.admits(text), f"GBNF does not admit {text}"
        assert valid(self.schema, wire), f"JSON Schema does not admit {text}"


def held(grammar: g.Grammar) -> Held:
    schema = cast("dict[str, Any]", json_schema(grammar))
    Draft202012Validator.check_schema(schema)
    return Held(grammar, Grammar(gbnf(grammar)), schema)


def valid(schema: dict[str, Any], wire: Json) -> bool:
    """By the standard's own words, formats included."""
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(wire)


def check_modality(name: str) -> None:
    """Raises AssertionError where the folder is none. `name` is that of a built-in, or a package's dotted name.

    Its strategy.py lists `SAMPLES`: annotations that it reads, as users will write them.
    """
    modality = f"plait.types.{name}" if "." not in name and find_spec(f"plait.types.{name}") else name
    assert find_spec(modality), f"there is no folder called {modality}"
    missing = [file for file in FILES if find_spec(f"{modality}.{file}") is None]
    assert not missing, f"{modality} lacks {', '.join(f'{file}.py' for file in missing)}"
    samples = getattr(import_module(f"{modality}.strategy"), "SAMPLES", ())
    assert samples, f"{modality}.strategy lists no SAMPLES: annotations that it reads"
    for annotation in samples:
        kind = read_by_one(annotation, modality)
        check_values(kind)
        check_grammar(kind, annotation)


def read_by_one(annotation: object, modality: str) -> Kind:
    """The kind of a sample, which its own modality reads and no other."""
    bare, facts = annotation, NO_FACTS
    if get_origin(annotation) is Annotated:
        bare, facts = get_args(annotation)[0], facts_in(get_args(annotation)[1:])
    found = [kind for reads in readers() if (kind := reads(bare, facts, READER)) is not None]
    by = ", ".join(kind.modality for kind in found)
    assert by == modality, f"{annotation} is read by {by or 'no modality'}, not by {modality} alone"
    assert found[0] == READER.kind(annotation), f"{annotation} is read differently the second time"
    return found[0]


def check_values(kind: Kind) -> None:
    """A value survives its wire form; grammar, schema, prompt and metric know it."""
    by_index = BESIDES[0]
    admitted = [(beside, held(grammar_of(kind, beside))) for beside in BESIDES]
    schema = cast("dict[str, Any]", schema_of(kind))
    Draft202012Validator.check_schema(schema)

    @kit
    @given(strategy_of(kind), strategy_of(kind))
    def check(value: object, other: object) -> None:
        for beside, each in admitted:
            wire = kind.encode(value, beside)
            assert parsed(dumps(wire)) == wire, f"{wire!r} is not JSON"
            assert kind.decode(parsed(dumps(wire)), beside) == value, f"{value!r} comes back otherwise from {wire!r}"
            each.admits(wire)
        wire = kind.encode(value, by_index)
        assert valid(schema, wire), f"the schema does not admit {wire!r}"
        assert isinstance(written(kind, value), str), f"{value!r} is not written as a text"
        assert metric_of(kind, value, value) == 1, f"{value!r} does not agree with itself"
        assert 0 <= metric_of(kind, value, other) <= 1, f"{value!r} and {other!r} agree out of bounds"

    check()
    assert outline(kind), f"{kind} has no outline"


def check_grammar(kind: Kind, annotation: object) -> None:
    """What a decoder can write is what both renderings admit; it decodes and, unless the kind says more, is valid."""
    adapter: TypeAdapter[object] = TypeAdapter(cast(Any, annotation))
    told = [rule for _, each in inside(kind) for rule in each.beyond_grammar()]
    for beside in BESIDES:
        each = held(grammar_of(kind, beside))
        writes_what_is_valid(kind, beside, each, None if told else adapter)


def writes_what_is_valid(kind: Kind, beside: Beside, each: Held, adapter: TypeAdapter[object] | None) -> None:
    @kit
    @given(values_in(each.grammar))
    def check(wire: Json) -> None:
        each.admits(wire)
        if adapter is not None:
            value = adapter.validate_python(kind.decode(parsed(dumps(wire)), beside))
            again = kind.decode(kind.encode(value, beside), beside)
            assert again == value, f"{wire!r} is read as {value!r}, and that as {again!r}"

    check()
