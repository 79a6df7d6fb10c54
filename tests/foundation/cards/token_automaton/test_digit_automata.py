"""Patterns of digits admit what the interpreter of GBNF admits, which shares nothing with them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar import gbnf
from plait.core.grammar import numbers as digit_patterns
from plait.core.values.json_text import dumps
from plait.foundation.cards.token_automaton.digit_automata import compile_pattern, terminal_automaton
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import json_values
from tests.support.grammars import numbers

PATTERNS = ('"a" [b-d]{2,3} ("x" | ("z"){1,2})?', '("a"?){3} "-" [ab]', '"02-" ("0" [1-9] | "1"){2}', '"a"{2} | "ab"')


@given(st.sampled_from(PATTERNS), st.text("abcdxz-012", max_size=8))
@settings(max_examples=400)
def test_a_pattern_admits_what_the_interpreter_admits(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).matches(text) == GbnfGrammar(f"root ::= {pattern}").admits(text)


@given(numbers, st.data())
@settings(max_examples=100)
def test_a_number_is_admitted_exactly_where_gbnf_admits_it(number: g.Number, data: st.DataObject) -> None:
    rules = GbnfGrammar(
        f"root ::= {digit_patterns.number_pattern(number.minimum, number.maximum, number.above, number.below)}"
    )
    inside = dumps(data.draw(json_values(number)))
    assert terminal_automaton(number).matches(inside)
    near = data.draw(st.decimals(number.minimum - 2, number.maximum + 2, places=3).map("{:f}".format))
    for text in (near, f"{inside}0", inside[:-1], f"-{inside}", f"0{inside}"):
        assert terminal_automaton(number).matches(text) == rules.admits(text), text


@given(st.dates(), st.integers(0, 32))
def test_a_date_is_admitted_exactly_if_it_exists(day: date, other: int) -> None:
    assert terminal_automaton(g.DateTime("date")).matches(day.isoformat())
    text = f"{day:%Y-%m}-{other:02}" if day.year > 999 else f"0{day.year:03}-{day:%m}-{other:02}"
    assert terminal_automaton(g.DateTime("date")).matches(text) == GbnfGrammar(
        f"root ::= date\n{gbnf.RULES['date']}"
    ).admits(text)


@pytest.mark.parametrize(
    "terminal",
    [g.Integer(-(10**15), 10**15), g.Number(-g.MAX_NUMBER, g.MAX_NUMBER), g.DateTime("datetime", "optional")],
)
def test_every_state_can_reach_an_end(terminal: g.Integer | g.Number | g.DateTime) -> None:
    states = terminal_automaton(terminal)
    targets = [{target for *_, target in step} for step in states.transitions]
    ending = set(states.accepting)
    while more := {state for state, step in enumerate(targets) if ending & step} - ending:
        ending |= more
    assert ending == set(range(len(targets)))
