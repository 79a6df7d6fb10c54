"""Placeholders are exactly `{identifier}`; formatting an instruction undoes parsing it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.task.instruction import Instruction, Placeholder, parse_instruction


@settings(max_examples=1_000)
@given(st.text(st.sampled_from("{}ab1_ é中\n"), max_size=25))
def test_formatting_reverses_parsing(text: str) -> None:
    parsed = parse_instruction(text)
    assert parse_instruction(str(parsed)) == parsed


parts = st.lists(
    st.text(st.sampled_from('ab "1:中'), min_size=1)
    | st.from_regex(r"[a-z_][a-z0-9_]*", fullmatch=True).map(Placeholder)
)


@given(parts)
def test_parsing_reverses_formatting(parts: list[str | Placeholder]) -> None:
    alone = [
        part for i, part in enumerate(parts) if not (i and isinstance(part, str) and isinstance(parts[i - 1], str))
    ]
    assert parse_instruction(str(Instruction(tuple(alone)))).parts == tuple(alone)


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("Read {text}.", "Read <text>."),
        ("{a}{b}", "<a><b>"),
        ("{{text}} stays", "{text} stays"),
        ("{{{text}}}", "{{text}}"),
        ('Answer {"a": 1} or {}', 'Answer {"a": 1} or {}'),
        ("{ text } {1} {a b} {a.b} {a!r}", "{ text } {1} {a b} {a.b} {a!r}"),
        ("{文本}", "<文本>"),
        ("", ""),
    ],
)
def test_other_braces_are_text(text: str, formatted: str) -> None:
    assert parse_instruction(text).format(lambda parameter: f"<{parameter}>") == formatted


def test_inserted_values_are_not_parsed_again() -> None:
    assert parse_instruction("{a} {b}").format(lambda parameter: "{b}") == "{b} {b}"


@pytest.mark.parametrize("name", ["nai\u0308ve", "हिन्दी", "שם", "资料"])
def test_names_of_any_script_and_form_are_placeholders(name: str) -> None:
    instruction = parse_instruction(f"Read {{{name}}}, not {{{{{name}}}}} or {{{name}.x}}.")
    composed = unicodedata.normalize("NFKC", name)
    assert instruction.parameter_names == (composed,)
    assert instruction.format(lambda _: "it") == f"Read it, not {{{name}}} or {{{name}.x}}."
    assert parse_instruction(str(instruction)) == instruction
