"""GBNF and JSON Schema say what the grammar value says; each is read by an interpreter of its own."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.gbnf_reading import GrammarSyntaxError
from plait.core.grammar.pruning import prune_impossible
from plait.core.values.json_text import parse_json
from plait.testing.gbnf_check import GbnfGrammar, admits
from plait.testing.types import render_grammar
from plait.testing.values import decoder_text, json_values
from tests.support.grammars import grammars


@settings(max_examples=300)
@given(grammars, st.data())
def test_both_renderings_admit_every_text_of_a_grammar(grammar: g.Grammar, data: st.DataObject) -> None:
    value = data.draw(json_values(grammar))
    render_grammar(grammar).check_admits(value)
    if not isinstance(grammar, g.Text | g.RegularExpression):
        assert parse_json(decoder_text(grammar, value)) == value


@settings(max_examples=200)
@given(grammars, grammars, st.data())
def test_json_schema_admits_every_text_of_the_gbnf(grammar: g.Grammar, other: g.Grammar, data: st.DataObject) -> None:
    """Texts of another grammar: most are admitted by neither, none by GBNF alone."""
    value = data.draw(json_values(other))
    each = render_grammar(grammar)
    if not isinstance(grammar, g.Text | g.RegularExpression) and each.gbnf_rules.admits(decoder_text(other, value)):
        each.check_admits(parse_json(decoder_text(other, value)))


@settings(max_examples=200)
@given(grammars, st.data())
def test_a_truncated_or_changed_text_is_not_admitted(grammar: g.Grammar, data: st.DataObject) -> None:
    text = decoder_text(grammar, data.draw(json_values(grammar)))
    rules = GbnfGrammar(gbnf(grammar))
    if text[-1:] in ("}", "]"):  # a number or a text may end early and be a shorter one
        assert not rules.admits(text[:-1])
    for changed in (f" {text}", f"{text}\x00", f"{text}\n ]"):
        assert isinstance(grammar, g.Text | g.RegularExpression) or not rules.admits(changed)


# ── dates ──


def exists(form: str, text: str) -> bool:
    reader = {"date": date, "time": time, "datetime": datetime}[form]
    try:
        return bool(reader.fromisoformat(text)) or True
    except ValueError:
        return False


@settings(max_examples=1_000)
@given(st.integers(0, 9999) | st.sampled_from([0, 1, 4, 100, 400, 1900, 2000]), st.integers(0, 13), st.integers(0, 32))
def test_a_date_is_admitted_exactly_if_it_exists(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    assert admits(gbnf(g.DateTime("date")), f'"{text}"') == exists("date", text)


def test_the_last_day_of_every_february_is_correct() -> None:
    rules = GbnfGrammar(gbnf(g.DateTime("date")))
    for year in range(10_000):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) and year > 0
        assert rules.admits(f'"{year:04}-02-29"') == leap, year


@settings(max_examples=300)
@given(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61), st.sampled_from(["", ".000000", ".999999"]))
def test_a_time_is_admitted_exactly_if_it_exists(hour: int, minute: int, second: int, fraction: str) -> None:
    text = f"{hour:02}:{minute:02}:{second:02}{fraction}"
    assert admits(gbnf(g.DateTime("time")), f'"{text}"') == exists("time", text)


@given(st.sampled_from("+-"), st.integers(0, 25), st.integers(0, 61))
def test_a_zone_is_admitted_exactly_if_it_exists(sign: str, hours: int, minutes: int) -> None:
    text = f"2024-02-29T23:59:59{sign}{hours:02}:{minutes:02}"
    assert admits(gbnf(g.DateTime("datetime", "optional")), f'"{text}"') == (hours < 24 and minutes < 60)
    assert not (hours < 24 and minutes < 60) or exists("datetime", text)


@pytest.mark.parametrize("text", ["2024-02-29", "2024-02-29 09:30:00", "2024-02-29T09:30", "2024-02-30T09:30:00"])
def test_a_datetime_has_one_form(text: str) -> None:
    assert not admits(gbnf(g.DateTime("datetime", "optional")), f'"{text}"')


def test_a_datetime_without_a_time_zone_is_admitted_by_both_renderings() -> None:
    render_grammar(g.DateTime("datetime", "optional")).check_admits("2026-03-14T09:30:00")
    render_grammar(g.DateTime("time")).check_admits("09:30:00")


# ── shapes ──


def test_a_string_at_the_root_is_unquoted_and_an_inner_one_quoted() -> None:
    assert admits(gbnf(g.Text(0, 5)), "a\nb") and not admits(gbnf(g.Text(0, 5)), "abcdef")
    inside = gbnf(g.Array(g.Text(1, 3), 0, 2))
    assert admits(inside, r'["a\"b","\n"]') and not admits(inside, '["a\nb"]') and not admits(inside, '["abcd"]')


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\x7f", "\x85", "\r"])
def test_no_text_holds_a_control_character(text: str) -> None:
    assert not admits(gbnf(g.Text(0, 5)), text)
    assert not admits(gbnf(g.Choice((g.Text(0, 5),))), f'"{text}"')


def test_a_surrogate_escape_is_not_admitted() -> None:
    assert not admits(gbnf(g.Choice((g.Text(0, 50),))), r'"\ud800"')


def test_all_fields_are_written_in_their_order() -> None:
    rules = GbnfGrammar(gbnf(g.Object((("a", g.Integer(0, 9)), ("b", g.Integer(0, 9))))))
    assert rules.admits('{"a":1,"b":2}')
    for text in ('{"b":2,"a":1}', '{"a":1}', '{"a":1,"b":2,}', '{"a": 1,"b":2}', '{"a":1,"b":2,"c":3}'):
        assert not rules.admits(text), text


def test_a_list_respects_its_length_bounds() -> None:
    rules = GbnfGrammar(gbnf(g.Array(g.Integer(1, 1), 1, 3)))
    assert [rules.admits(text) for text in ("[]", "[1]", "[1,1,1]", "[1,1,1,1]", "[1,]")] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_a_list_of_impossible_items_is_empty() -> None:
    nothing = prune_impossible(g.Array(g.Reference(()), 0, 5))
    assert nothing is not None
    render_grammar(nothing).check_admits([])
    assert not admits(gbnf(nothing), "[null]")


def test_a_reference_without_candidates_removes_everything_that_requires_it() -> None:
    ref, text = g.Reference(()), g.Text(0, 5)
    assert prune_impossible(g.Object((("a", text), ("b", ref)))) is None
    assert prune_impossible(g.Array(ref, 1, 5)) is None
    assert prune_impossible(g.Choice((ref,))) is None
    assert prune_impossible(g.Choice((ref, g.Literal(None)))) == g.Choice((g.Literal(None),))
    assert prune_impossible(g.Object((("a", g.Choice((ref, text))),))) == g.Object((("a", g.Choice((text,))),))


# ── the interpreter of the tests is itself held to account ──


@pytest.mark.parametrize(
    ("rules", "yes", "no"),
    [
        ('root ::= "a" [b-d]{2,3} ("x" | y)?\ny ::= "z"+', ["abc", "abcd", "abcdx", "abczz"], ["ab", "abcde", "abcxz"]),
        (r'root ::= [^"\\\x00-\x1F] "\\" "\""', ['a\\"', '中\\"'], ['"\\"', '\x1f\\"']),
        ('root ::= ("a" | "ab") "bc"*', ["a", "abbc", "abc", "abbcbc"], ["abb", "b"]),
        ('root ::= ("a"?){3} "-" [-a] [a-]', ["-aa", "aaa--a"], ["aaaa-aa", "-b-"]),
        ('root ::= "a"{2} | "b"{2,}', ["aa", "bb", "bbbbb"], ["a", "aaa", "b"]),
    ],
)
def test_the_gbnf_interpreter_of_the_tests_reads_the_notation(rules: str, yes: list[str], no: list[str]) -> None:
    assert [text for text in (*yes, *no) if admits(rules, text)] == yes


@pytest.mark.parametrize(
    "rules",
    [
        'root ::= "a" |',
        "root ::= x",
        'x ::= "a"',
        "root ::= [z-a]",
        'root ::= "a"{3,2}',
        "root ::= (",
        "root ::= * ",
        "{}",
        'root ::= "a',
        r'root ::= "\q"',
        "root ::= )",
    ],
)
def test_the_gbnf_interpreter_of_the_tests_refuses_an_invalid_grammar(rules: str) -> None:
    with pytest.raises(GrammarSyntaxError):
        GbnfGrammar(rules)
