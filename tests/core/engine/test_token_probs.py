"""Token probabilities of an answer's values: their share among what the grammar allowed, and of what is not known."""

from math import exp
from typing import Literal

import pytest
from pydantic import BaseModel

from plait.core.engine.protocol import TokenProbs
from plait.core.engine.token_probs import AnswerProbs, answer_probs
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.task.task import task
from plait.core.values.call_context import CallContext
from tests.support.token_probs import certain, token


class Lamp(BaseModel):
    colour: Literal["red", "rose", "blue"]
    on: bool


class Note(BaseModel):
    words: str


@task
def lamp(text: str) -> Lamp:
    """Which lamp is meant by {text}?"""
    ...


@task
def either(text: str) -> Lamp | Note:
    """What is meant by {text}?"""
    ...


@task
def colours(text: str) -> list[Literal["red", "blue"]]:
    """Which colours are in {text}?"""
    ...


@task
def plain(text: str) -> str:
    """Say {text}."""
    ...


def probs(declaration: Declaration, *parts: TokenProbs | str) -> AnswerProbs:
    tokens = [each for part in parts for each in (certain(part) if isinstance(part, str) else [part])]
    text = b"".join(each.content for each in tokens).decode()
    return answer_probs(declaration, answer_grammar(declaration, CallContext()), text, tokens)


def test_the_share_of_a_token_is_among_what_the_grammar_allows() -> None:
    # `green` is forbidden, `blue` is not, and 0.1 is not known.
    found = probs(lamp.declaration, '{"colour":"', token("red", 0.3, blue=0.2, green=0.4), '","on":true}')
    assert exp(found["colour"].total) == pytest.approx(0.3 / 0.6)
    assert found["on"].total == 0 and found[""].total == found["colour"].total


def test_what_the_engine_does_not_name_counts_as_doubt() -> None:
    found = probs(lamp.declaration, '{"colour":"', token("red", 0.3), '","on":true}')
    assert exp(found["colour"].total) == pytest.approx(0.3)


def test_what_the_grammar_forces_is_certain_however_unlikely() -> None:
    tokens = [token("{", 1e-5, To=0.9), *certain('"colour":"'), token("b", 1.0), token("lue", 1e-4), *certain('",')]
    found = probs(lamp.declaration, *tokens, *certain('"on":true}'))
    assert found["colour"].total == 0 and found[""].total == 0


def test_a_candidate_that_begins_the_same_text_is_no_doubt() -> None:
    found = probs(lamp.declaration, '{"colour":"', token("red", 0.5, r=0.3, ro=0.2), '","on":true}')
    assert exp(found["colour"].total) == pytest.approx(0.8)


def test_a_value_has_the_probability_of_its_own_tokens_and_of_the_choices_above_it() -> None:
    found = probs(
        either.declaration, '{"', token("Lamp", 0.5, Note=0.5), '":{"colour":"', token("red", 0.8, blue=0.2),
        '","on":', token("true", 0.9, false=0.1), "}}",
    )  # fmt: skip
    assert exp(found["Lamp.colour"].total) == pytest.approx(0.5 * 0.8)
    assert exp(found["Lamp.on"].total) == pytest.approx(0.5 * 0.9)
    assert exp(found[""].total) == pytest.approx(0.5 * 0.8 * 0.9)
    assert exp(found["Lamp.on"].least) == pytest.approx(0.5) and found["Lamp.on"].count == 2


def test_the_comma_before_an_item_belongs_to_it() -> None:
    comma = token(",", 0.25, **{"]": 0.75})
    found = probs(colours.declaration, '["red"', comma, '"blue"', token("]", 0.5, **{",": 0.5}))
    assert exp(found["1"].total) == pytest.approx(0.25 * 0.5) and exp(found["0"].total) == pytest.approx(0.25)


def test_a_token_with_part_of_a_character_is_counted_where_the_character_ends() -> None:
    content = "é".encode()
    tokens = [token(content[:1], 0.9), token(content[1:], 0.5), token(b"", 0.8)]
    found = answer_probs(plain.declaration, answer_grammar(plain.declaration, CallContext()), "é", tokens)
    assert exp(found[""].total) == pytest.approx(0.5 * 0.8) and [*found] == [""]


@pytest.mark.parametrize("tokens", [[], certain("another text")])
def test_without_the_tokens_of_the_text_nothing_is_known(tokens: list[TokenProbs]) -> None:
    grammar = answer_grammar(lamp.declaration, CallContext())
    assert answer_probs(lamp.declaration, grammar, '{"colour":"red","on":true}', tokens) == {}
