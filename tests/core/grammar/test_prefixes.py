"""The automaton of a grammar's prefixes: it admits what the other interpreter admits, one character after the other."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.prefixes import GrammarPrefixes
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import decoder_text, json_values
from tests.support.grammars import grammars


def admits(prefixes: GrammarPrefixes, text: str) -> bool:
    state = prefixes.walk(0, text)
    return state is not None and prefixes.may_end(state)


@settings(max_examples=150)
@given(grammars, st.data())
def test_every_text_of_a_grammar_can_be_written_and_may_end(grammar: g.Grammar, data: st.DataObject) -> None:
    prefixes = GrammarPrefixes(gbnf(grammar))
    assert admits(prefixes, decoder_text(grammar, data.draw(json_values(grammar))))


@settings(max_examples=150)
@given(grammars, st.data())
def test_a_changed_text_is_admitted_exactly_where_the_other_interpreter_admits_it(
    grammar: g.Grammar, data: st.DataObject
) -> None:
    text = decoder_text(grammar, data.draw(json_values(grammar)))
    place = data.draw(st.integers(0, len(text)))
    character = data.draw(st.sampled_from([*string.printable, "é", "中", ""]))
    changed = text[:place] + character + text[place + data.draw(st.integers(0, 1)) :]
    rules = gbnf(grammar)
    assert admits(GrammarPrefixes(rules), changed) == GbnfGrammar(rules).admits(changed)


@given(grammars, st.data())
def test_a_forced_text_is_the_only_one(grammar: g.Grammar, data: st.DataObject) -> None:
    text = decoder_text(grammar, data.draw(json_values(grammar)))
    prefixes = GrammarPrefixes(gbnf(grammar))
    state, place = 0, 0
    while place < len(text) and prefixes.is_forced(state, text[place]):
        others = [each for each in (*string.printable, "é", "中") if each != text[place]]
        assert all(prefixes.step(state, each) is None for each in others) and not prefixes.may_end(state)
        state, place = prefixes.step(state, text[place]) or 0, place + 1


def test_the_keys_of_an_object_are_forced_and_its_values_are_not() -> None:
    prefixes = GrammarPrefixes(gbnf(g.Object((("on", g.Choice((g.Literal(True), g.Literal(False)))),))))
    assert prefixes.is_forced(0, '{"on":')
    behind = prefixes.walk(0, '{"on":')
    assert behind is not None and not prefixes.is_forced(behind, "t")
    assert prefixes.walk(behind, "tr") is not None and prefixes.walk(behind, "tx") is None
    assert prefixes.is_forced(prefixes.walk(behind, "t") or 0, "rue}")


def test_a_long_repetition_is_walked_without_being_written_out() -> None:
    prefixes = GrammarPrefixes(gbnf(g.Text(2, 100_000)))
    assert admits(prefixes, "x" * 3_000) and not admits(prefixes, "x")
    assert len(prefixes.states) < 3_010
