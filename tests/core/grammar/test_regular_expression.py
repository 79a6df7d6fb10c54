"""Regular expressions of the subset: their texts match, and matching texts are admitted; others are refused at once."""

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic_core import SchemaValidator, core_schema

from plait.core.grammar import ast as g
from plait.core.grammar.expression_bounds import bounded_expression
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.regular_expression import UnsupportedPattern, regular_expression
from plait.testing.gbnf_check import GbnfGrammar, admits
from plait.testing.types import render_grammar
from plait.testing.values import decoder_text, json_values

MAXIMUM = 60
SHORT = 6


def inside(pattern: str, minimum: int = 0, maximum: int = MAXIMUM) -> g.Grammar:
    return g.Choice((g.RegularExpression(pattern, minimum, maximum),))


# ── patterns as people write them ──

ALPHABET = st.characters(categories=(), include_characters='aAbc.-/,_ \\"é中19\n')
atoms = st.sampled_from(
    ["a", "b", "-", r"\.", r"\"", r"\\", "/", r"\d", r"\w", r"\s", r"\S", r"\D", r"\W", ".", "[a-c]", "[^a]",
     r"[^\s,]", r"[\w.-]",
     r"\x41", r"\u00e9", r"\n", "[A-Za-z0-9_]", "é", '"', "中"]
)  # fmt: skip
quantifiers = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"])


def larger(nodes: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.lists(nodes, min_size=1, max_size=3).map("|".join).map("(?:{})".format)
    return st.lists(st.builds("{}{}".format, nodes | groups, quantifiers), min_size=1, max_size=3).map(
        lambda parts: f"({''.join(parts)})"
    )


@st.composite
def patterns_with_text(draw: st.DrawFn, depth: int = 1) -> tuple[str, str]:
    """A pattern and a text of it, made together: finding one for a given pattern may take Python for ever."""
    parts, text = "", ""
    for _ in range(draw(st.integers(1, 3 if depth else 1))):
        if depth and draw(st.booleans()):
            options = draw(st.lists(patterns_with_text(depth - 1), min_size=1, max_size=2))
            part, samples = f"(?:{'|'.join(pattern for pattern, _ in options)})", [sample for _, sample in options]
        else:
            part, samples = draw(st.sampled_from(SAMPLES))
        quantifier, (low, high) = draw(st.sampled_from(QUANTIFIERS))
        parts += part + quantifier
        text += "".join(draw(st.lists(st.sampled_from(samples), min_size=low, max_size=high)))
    return parts, text


SAMPLES: list[tuple[str, list[str]]] = [
    ("a", ["a"]), ("-", ["-"]), (r"\.", ["."]), (r"\"", ['"']), (r"\\", ["\\"]), ("/", ["/"]), (r"\d", ["1", "9"]),
    (r"\w", ["a", "A", "_", "1"]),
    (r"\s", [" ", "\n"]), (r"\S", ["a", "é", "中"]), (r"\D", ["b", "."]), (r"\W", ["-", " "]),
    (".", ["a", "中", "\\"]), ("[a-c]", ["b", "c"]), ("[^a]", ["A", "é", "\n"]), (r"[^\s,]", ["a", "."]),
    (r"[\w.-]", ["-", "9"]), (r"\x41", ["A"]), (r"\u00e9", ["é"]), (r"\n", ["\n"]), ('"', ['"']), ("中", ["中"]),
]  # fmt: skip
QUANTIFIERS: list[tuple[str, tuple[int, int]]] = [
    ("", (1, 1)), ("", (1, 1)), ("*", (0, 2)), ("+", (1, 2)), ("?", (0, 1)), ("{2}", (2, 2)), ("{1,3}", (1, 3)),
    ("{2,}", (2, 3)), ("*?", (0, 2)), ("+?", (1, 2)),
]  # fmt: skip
bodies = st.recursive(st.builds("{}{}".format, atoms, quantifiers), larger, max_leaves=5)
patterns = st.builds("{}{}{}".format, st.sampled_from(["", "^"]), bodies, st.sampled_from(["", "$"]))


def supported(pattern: str, minimum: int = 0, maximum: int = MAXIMUM) -> str:
    try:
        bounded_expression(pattern, minimum, maximum)
    except UnsupportedPattern:
        assume(False)
    return pattern


def matches(pattern: str, text: str) -> bool:
    """By the engine that validates answers, in linear time: Python's took minutes for patterns such as (a*)*b."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python(text)


@given(patterns, st.integers(0, 4), st.data())
def test_every_text_of_a_pattern_matches_it(pattern: str, minimum: int, data: st.DataObject) -> None:
    grammar = inside(supported(pattern, minimum), minimum)
    value = data.draw(json_values(grammar))
    assert isinstance(value, str) and matches(pattern, value) and minimum <= len(value) <= MAXIMUM
    assert len(value) > SHORT or re.search(pattern, value, re.ASCII)  # as ECMA-262 reads \d and \w


@given(patterns_with_text(), st.sampled_from(["", "^"]), st.sampled_from(["", "$"]), st.data())
def test_a_matching_text_is_admitted_by_both_renderings(
    made: tuple[str, str], start: str, end: str, data: st.DataObject
) -> None:
    pattern, text = f"{start}(?:{made[0]}){end}", made[1]
    around = st.text(ALPHABET, max_size=2)
    text = ("" if start else data.draw(around)) + text + ("" if end else data.draw(around))
    grammar = inside(supported(pattern))
    # Where repetitions compete, GBNF stops earlier than the maximum: two inside each other share its square root.
    assume(len(text) <= SHORT and not (pattern.endswith("$") and text.endswith("\n")))
    assume(re.search(pattern, text))  # \W means the same in ASCII and in Unicode here
    render_grammar(grammar).check_admits(text)


@given(patterns, st.text('aAbc.-/ \\"é1\n', max_size=8), st.integers(0, 3), st.integers(3, 8))
def test_a_text_that_does_not_match_is_not_admitted(pattern: str, text: str, low: int, high: int) -> None:
    rules = gbnf(inside(supported(pattern, low, high), low, high))
    if admits(rules, decoder_text(inside(pattern), text)):
        assert re.search(pattern, text) and low <= len(text) <= high


@given(patterns, st.data())
def test_a_stand_alone_text_is_written_without_quotes(pattern: str, data: st.DataObject) -> None:
    grammar = g.RegularExpression(supported(pattern), 0, MAXIMUM)
    text = data.draw(json_values(grammar))
    assert isinstance(text, str)
    assume(len(text) <= SHORT)  # as above
    assert GbnfGrammar(gbnf(grammar)).admits(text)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^[A-Z]{2}-\d{4}$", ["DE-2026"], ["DE-202", "de-2026", " DE-2026", "DE-2026\n"]),
        (r"\.json$", [".json", "a.json", ".json.json"], ["json", ".json5", ".jsonl"]),
        ("^(a|ab)(c|bcd)$", ["ac", "abc", "abcd", "abbcd"], ["abcc", "acd"]),
        ("(^a$)|(^b$)|", ["a", "b", "anything"], []),
        ("^(a|b$)", ["a", "ab", "b"], ["bb", "ca"]),
        ('^"[^"]*"$', ['"x"', '""', '"\\"'], ['"', '"""']),
        ("^(?:a{2}){2}$", ["aaaa"], ["aa", "aaa"]),
        ("^$", [""], ["a", " "]),
        ("", ["", "x\ny"], []),
        (r"^\{x\}{2}]$", ["{x}}]"], ["{x}]"]),
        ("^(\\w+\\s?)*$", ["a b c", ""], ["-", "a  b"]),
    ],
)
def test_a_pattern_admits_what_it_says(pattern: str, yes: list[str], no: list[str]) -> None:
    rules = GbnfGrammar(gbnf(inside(pattern)))
    assert [text for text in (*yes, *no) if rules.admits(decoder_text(inside(pattern), text))] == yes


def test_a_pattern_is_readable_in_the_grammar() -> None:
    assert gbnf(inside(r'^INV-[0-9]{4}/"\w+"$')) == (
        r'root ::= ("\"" "INV-" [0-9]{4} "/\\\"" [0-9A-Z_a-z]{1,49} "\\\"" "\"")'
    )


# ── what is not supported ──

OUTSIDE = {
    "look-ahead": "^(?!x).*$", "look-behind": "(?<=a)b", "a back-reference": r"(a)\1", "a named group": "(?P<x>a)",
    "a word boundary": r"\bx\b", "a flag": "(?i)a", "a property": r"\p{L}", "an anchor inside": "a^b", "no group": "(a",
    "no class": "[a", "no partner": "a)", "nothing to repeat": "*a", "two quantifiers": "a**", "possessive": "a++",
   
    "a repeated anchor": "(^a)*", "backwards": "[z-a]", "crossed": "a{3,2}", "a class of classes": "[a[b]]",
    "a control character": r"\x07",
    "an escape at the end": "a\\", "set operation": "[a&&b]", "no lower bound": "a{,3}",
}  # fmt: skip


@pytest.mark.parametrize("pattern", OUTSIDE.values(), ids=list(OUTSIDE))
def test_a_pattern_outside_of_the_subset_is_named(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern) as caught:
        regular_expression(pattern)
    assert str(caught.value)


@given(st.text(st.sampled_from("ab()[]{}*+?|^$\\d.,-1^:<!"), max_size=14))
def test_any_text_is_a_pattern_of_python_or_refused(pattern: str) -> None:
    try:
        regular_expression(pattern)
    except UnsupportedPattern:
        return
    re.compile(pattern)


EXPLOSIONS = ["((((a{1,99}){1,99}){1,99}){1,99}){1,99}", "^((a|b)*c(a|b){20}d)*$",
              "(x+x+)+y", "(.*a){25}", "^(([a-z])+.)+[A-Z]([a-z])+$",
              "(a?){50}a{50}", "|".join(f".{{{n}}}a" for n in range(40)),
              "(" * 400 + ")" * 400, "(a|aa|aaa|b?)" * 60]  # fmt: skip


@pytest.mark.parametrize("pattern", EXPLOSIONS, ids=range(len(EXPLOSIONS)))
def test_an_exploding_pattern_is_refused_or_bounded_at_once(pattern: str) -> None:
    began = time.process_time()
    for minimum, maximum in ((0, 50), (0, 2_000), (40, 2_000)):
        try:
            assert len(gbnf(g.RegularExpression(pattern, minimum, maximum))) < 200_000
        except UnsupportedPattern as error:
            assert str(error)
    assert time.process_time() - began < 3
