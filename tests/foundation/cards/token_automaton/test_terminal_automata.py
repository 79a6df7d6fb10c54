"""Patterns of digits, and runs of words, admit what the interpreter of GBNF admits, which shares nothing with them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar import gbnf
from plait.core.grammar import numbers as digit_patterns
from plait.core.grammar.character_automaton import TooManyStates
from plait.core.values.json_text import dumps
from plait.foundation.cards.token_automaton.terminal_automata import Terminal, compile_pattern, terminal_automaton
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import json_values
from plait.types.quotation.words import text_lines
from tests.support.grammars import numbers, word_runs

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


@given(word_runs, st.data())
@settings(max_examples=200)
def test_runs_of_words_are_admitted_exactly_where_gbnf_admits_them(run: g.WordRun, data: st.DataObject) -> None:
    rules, automaton = GbnfGrammar(gbnf.gbnf(run)), terminal_automaton(run)
    inside = str(data.draw(json_values(run)))
    assert automaton.matches(inside)
    for text in (inside[1:], inside[:-1], f"{inside} a", f"{inside}b", f" {inside}", inside.replace(" ", "")):
        assert automaton.matches(text) == rules.admits(dumps(text)), text


def test_a_word_that_begins_another_one_can_be_quoted_as_well() -> None:
    run = g.WordRun(tuple(tuple(each.word for each in line) for line in text_lines("20,5 of\n20 ,5 or")))
    quotable = {text for text in ("20,5", "20", "20,5 of", "20 ,5", "20 ,5 or", "20 of", "2") if run_admits(run, text)}
    assert quotable == {"20,5", "20", "20,5 of", "20 ,5", "20 ,5 or"}


def test_words_beyond_the_limit_are_refused_so_that_a_layout_writes_free_text() -> None:
    words = tuple(g.Word(f"word{number}", True, True, True) for number in range(2_000))
    with pytest.raises(TooManyStates, match="6,000"):
        terminal_automaton(g.WordRun((words,)))


def run_admits(run: g.WordRun, text: str) -> bool:
    return terminal_automaton(run).matches(text)


@given(st.dates(), st.integers(0, 32))
def test_a_date_is_admitted_exactly_if_it_exists(day: date, other: int) -> None:
    assert terminal_automaton(g.DateTime("date")).matches(day.isoformat())
    text = f"{day:%Y-%m}-{other:02}" if day.year > 999 else f"0{day.year:03}-{day:%m}-{other:02}"
    assert terminal_automaton(g.DateTime("date")).matches(text) == GbnfGrammar(
        f"root ::= date\n{gbnf.RULES['date']}"
    ).admits(text)


@pytest.mark.parametrize(
    "terminal",
    [
        g.Integer(-(10**15), 10**15),
        g.Number(-g.MAX_NUMBER, g.MAX_NUMBER),
        g.DateTime("datetime", "optional"),
        g.WordRun((tuple(g.Word(text, True, text != ",", text != ",") for text in "one , two one , three ,".split()),)),
    ],
)
def test_every_state_can_reach_an_end(terminal: Terminal) -> None:
    states = terminal_automaton(terminal)
    targets = [{target for *_, target in step} for step in states.transitions]
    ending = set(states.accepting)
    while more := {state for state, step in enumerate(targets) if ending & step} - ending:
        ending |= more
    assert ending == set(range(len(targets)))
