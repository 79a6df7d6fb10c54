"""Encoding, masking and decoding agree for every value type and for random grammars."""

from decimal import Decimal
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from plait.core.grammar import ast as g
from plait.core.values.call_context import CallContext
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType, iter_types
from plait.foundation.cards.token_automaton.parsing import GrammarMismatch
from plait.foundation.cards.token_automaton.program_arrays import join_automata
from plait.testing.samples import RESOLVER, SAMPLE_CANDIDATES, SAMPLES
from plait.testing.strategies import strategy_of
from plait.testing.values import json_values
from tests.support.automaton_walks import accepts_ids, advance, alphabet, batch, random_walks, token_grammar
from tests.support.grammars import answers

BESIDE = CallContext(SAMPLE_CANDIDATES, by_name=True, box_format="bins")
# A picture is no text: no grammar holds a decoder to one.
ANNOTATIONS = [annotation for name, annotations in SAMPLES.items() if name != "image" for annotation in annotations]
BOOLEAN = g.Choice((g.Literal(True), g.Literal(False)))
FOUND = g.Object((("label", g.Text(1, 40)), ("box", g.BinnedBox(512))))
few = settings(max_examples=15)


def assert_round_trip(grammar: g.Grammar, json_value: Json) -> None:
    form = token_grammar(grammar)
    ids = form.encode(json_value)
    assert dumps(form.decode(ids)) == dumps(json_value)  # dumps: 1, 1.0 and True are not the same
    assert accepts_ids(form.automaton, ids)


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_every_value_of_every_type_survives_a_round_trip_and_is_allowed(annotation: object) -> None:
    kind = RESOLVER.resolve(annotation)

    @few
    @given(strategy_of(kind))
    def check(value: object) -> None:
        assert_round_trip(kind.grammar(BESIDE), kind.encode(value, BESIDE))

    check()


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_allowed_ids_decode_to_a_value_of_the_type(annotation: object) -> None:
    kind = RESOLVER.resolve(annotation)
    form = token_grammar(kind.grammar(BESIDE))
    for ids in random_walks(form.automaton, seed=7):
        json_value = form.decode(ids)
        assert dumps(form.decode(form.encode(json_value))) == dumps(json_value)
        if not tokens_of_kind(kind):
            TypeAdapter(cast(Any, annotation)).validate_python(kind.decode(json_value, BESIDE))


def tokens_of_kind(kind: ValueType) -> list[str]:
    """Rules that the grammar cannot express. Bins do express that a box is valid and lies on its picture."""
    return [rule for _, each in iter_types(kind) for rule in each.residual_checks() if each.name != "box"]


@settings(max_examples=150)
@given(answers, st.data())
def test_every_value_of_any_grammar_survives_a_round_trip_and_is_allowed(
    grammar: g.Grammar, data: st.DataObject
) -> None:
    assert_round_trip(grammar, data.draw(json_values(grammar)))


@settings(max_examples=60)
@given(answers, st.integers(0, 2**32))
def test_allowed_ids_of_any_grammar_decode_and_encode_again(grammar: g.Grammar, seed: int) -> None:
    assume(all(map(is_exact, g.terminals(grammar))))
    form = token_grammar(grammar)
    for ids in random_walks(form.automaton, seed, batch(form.automaton, 4)):
        json_value = form.decode(ids)
        assert dumps(form.decode(form.encode(json_value))) == dumps(json_value)


def is_exact(terminal: g.Grammar) -> bool:
    """Whether floats hold its bounds: those nearest to 999999999999.999999 lie beyond it."""
    bounds = (terminal.minimum, terminal.maximum) if isinstance(terminal, g.Number) else ()
    return all(Decimal(float(bound)) == bound or abs(bound) < 10**9 for bound in bounds)


@settings(max_examples=30)
@given(st.lists(answers, min_size=2, max_size=4), st.integers(0, 2**32))
def test_a_batch_over_several_grammars_equals_single_rows(grammars: list[g.Grammar], seed: int) -> None:
    forms = [token_grammar(grammar) for grammar in grammars]
    together = join_automata([form.automaton for form in forms])
    alone = [batch(form.automaton) for form in forms]
    at, draw = together.start(np.arange(len(forms))), np.random.default_rng(seed)
    for _ in range(30):
        allowed = together.allowed_mask(at)
        for row, (form, one) in enumerate(zip(forms, alone, strict=True)):
            assert (form.automaton.allowed_mask(one)[0] == allowed[row]).all()
        ids = (draw.random(allowed.shape) * allowed).argmax(1)
        at = advance(together, at, ids)
        alone = [
            advance(form.automaton, one, ids[[row]]) for row, (form, one) in enumerate(zip(forms, alone, strict=True))
        ]
        assert together.is_done(at).tolist() == [
            bool(f.automaton.is_done(one)[0]) for f, one in zip(forms, alone, strict=True)
        ]


# ── the layout ──


def ids_of(grammar: g.Grammar, json_value: Json) -> list[int]:
    return token_grammar(grammar).encode(json_value)


def test_a_box_is_four_bins_and_nothing_else() -> None:
    bins = alphabet().vocabulary.bins
    assert ids_of(g.BinnedBox(512), [0, 5, 511, 6]) == [bins[0], bins[5], bins[511], bins[6]]


def test_fields_of_fixed_width_come_first_and_names_are_not_written() -> None:
    symbols = alphabet().vocabulary
    ids = ids_of(FOUND, {"label": "red mug", "box": [1, 2, 3, 4]})
    assert ids == [*(symbols.bins[each] for each in (1, 2, 3, 4)), *symbols.encode("red mug"), symbols.end]
    assert list(token_grammar(FOUND).decode(ids)) == ["label", "box"]  # type: ignore[arg-type]


def test_a_list_has_an_end_token_unless_it_is_full() -> None:
    symbols = alphabet().vocabulary
    grammar = g.Array(BOOLEAN, 0, 2)
    assert ids_of(grammar, []) == [symbols.close]
    assert ids_of(grammar, [True]) == [symbols.true, symbols.close]
    assert ids_of(grammar, [True, False]) == [symbols.true, symbols.false]
    assert ids_of(g.Array(BOOLEAN, 2, 2), [True, True]) == [symbols.true, symbols.true]


def test_a_union_starts_with_its_tag_and_an_optional_value_without_one() -> None:
    symbols = alphabet().vocabulary
    tagged = g.Choice((g.Object((("Left", g.Integer(0, 9)),)), g.Object((("Right", g.Integer(0, 9)),))))
    seven = alphabet().word_ids("7")
    assert ids_of(tagged, {"Right": 7}) == [*alphabet().word_ids("Right"), *seven]
    assert ids_of(g.Choice((g.Integer(0, 9), g.Literal(None))), 7) == list(seven)
    assert ids_of(g.Choice((g.Integer(0, 9), g.Literal(None))), None) == [symbols.null]


def test_values_with_the_same_spelling_are_numbered() -> None:
    grammar = g.Choice((g.Literal(1), g.Literal(True), g.Literal("1")))
    spellings = [ids_of(grammar, json_value) for json_value in (1, True, "1")]
    assert spellings == [list(alphabet().word_ids(str(place))) for place in range(3)]
    assert [type(token_grammar(grammar).decode(ids)) for ids in spellings] == [int, bool, str]


def test_an_optional_part_is_refused() -> None:
    with pytest.raises(ValueError, match="parts may be left out, which has no layout in ids: b"):
        _ = token_grammar(g.Object((("a", BOOLEAN), ("b", BOOLEAN)), frozenset("b"))).layout


# ── what is not admitted ──


@pytest.mark.parametrize(
    ("grammar", "json_value", "words"),
    [
        (g.BinnedBox(512), [5, 0, 5, 9], "should have 0 <= x0 < x1 < 512"),
        (g.BinnedBox(512), [0, 0, 512, 9], "should have 0 <= x0 < x1 < 512"),
        (g.BinnedBox(512), [0, 0, 1.0, 9], "should be four whole numbers"),
        (g.Text(2, 3), "a", "should have 2 to 3 characters, not 1"),
        (g.Text(2, 3), "abcd", "should have 2 to 3 characters, not 4"),
        (g.Text(0, 3), "a\r", "holds a control character"),
        (g.Text(0, 3), "\ud800", "half of a character"),
        (g.Integer(0, 9), 10, "should be a whole number from 0 to 9"),
        (g.Integer(0, 9), 1.0, "should be a whole number from 0 to 9"),
        (g.DateTime("date"), "2023-02-29", "should be a date that exists"),
        (BOOLEAN, 1, "is not one of the accepted values"),
        (g.Reference(("a", "b")), "c", "is not one of the accepted values"),
        (g.Array(BOOLEAN, 1, 2), [], "should be a list of 1 to 2 items"),
        (FOUND, {"label": "a"}, "should be an object with label, box"),
    ],
)
def test_a_value_that_the_grammar_does_not_admit_is_refused(grammar: g.Grammar, json_value: Json, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        ids_of(grammar, json_value)


def test_a_nested_fault_is_reported_with_its_path() -> None:
    with pytest.raises(InvalidValue) as caught:
        ids_of(g.Array(FOUND, 0, 9), [{"label": "a", "box": [0, 0, 1, 1]}, {"label": "", "box": [0, 0, 1, 1]}])
    assert caught.value.faults[0].path == ("1", "label")


def test_truncated_or_changed_ids_are_not_decoded() -> None:
    form, symbols = token_grammar(g.Array(FOUND, 0, 9)), alphabet().vocabulary
    ids = form.encode([{"label": "red mug", "box": [1, 2, 3, 4]}])
    assert form.decode([*ids, symbols.pad, symbols.pad]) == form.decode(ids)
    for broken in (ids[:-1], ids[:3], [*ids, symbols.close], [ids[2], *ids[1:]], [symbols.true, *ids[1:]], []):
        with pytest.raises(GrammarMismatch, match="stands at place"):
            form.decode(broken)
        assert not accepts_ids(form.automaton, broken)


# Cut short, no lead, a surrogate, overlong forms, beyond U+10FFFF, control characters.
HALVES = (
    b"\xe4\xb8", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80",
    b"\xc2\x85", b"\x00",
)  # fmt: skip


@pytest.mark.parametrize("half", HALVES)
def test_invalid_utf8_is_neither_allowed_nor_decoded(half: bytes) -> None:
    form, symbols = token_grammar(g.Text(0, 9)), alphabet().vocabulary
    ids = [*(symbols.text[byte] for byte in half), symbols.end]
    with pytest.raises(GrammarMismatch, match="bytes that are not UTF-8"):
        form.decode(ids)
    assert not accepts_ids(form.automaton, ids)


def test_a_number_is_no_empty_text_of_a_pattern() -> None:
    grammar = g.Choice((g.RegularExpression("^ *x*$", 0, 8), g.Integer(0, 0)))
    form = token_grammar(grammar)
    assert form.decode(form.encode(0)) == 0 and form.decode(form.encode("")) == ""
