"""A token of an answer carries loss wherever a model has a choice of what the answer says."""

from itertools import islice
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.chat import answer_grammar
from plait.core.errors import InputError
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.prefixes import GrammarPrefixes
from plait.core.prompting.example_rows import Example
from plait.core.prompting.prompt import answer_text
from plait.core.values.call_context import call_context
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.vocabulary import TokenTexts, read_vocabulary
from plait.learning.forced_tokens import forced_pieces, whole_characters
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import embedded_file
from plait.tasks.extract_invoice import Invoice
from plait.tasks.home_command import Device
from tests.support.running_server import needs_model
from tests.support.text_pieces import pieces_of

TASKS = ("home_command", "sort_message", "extract_invoice", "cited_answer")
NO_TOKENS = TokenTexts(())


def examples(name: str, count: int = 12) -> list[Example]:
    return list(islice(find_task(name)[0].examples.seeds, count))


@given(st.sampled_from(TASKS), st.integers(0, 11), st.lists(st.integers(0, 10_000), max_size=40))
def test_a_piece_is_forced_only_if_no_other_character_may_stand_there(name: str, number: int, cuts: list[int]) -> None:
    declaration, example = find_task(name)[0].declaration, examples(name)[number]
    context = call_context(declaration, example.inputs, by_name=True)
    grammar = answer_grammar(declaration, context)
    assert grammar is not None
    pieces = pieces_of(answer_text(declaration, example.inputs, example.answer), cuts)
    prefixes, state = GrammarPrefixes(gbnf(grammar)), 0
    forced = list(forced_pieces(grammar, pieces, NO_TOKENS))
    assert len(forced) == len(pieces)
    for is_forced, text in zip(forced, whole_characters(pieces), strict=True):
        for character in text:
            if is_forced:
                assert all(prefixes.step(state, other) is None for other in '"x5,} {国' if other != character)
            following = prefixes.step(state, character)
            assert following is not None
            state = following
    assert prefixes.may_end(state)


@given(st.text(max_size=30), st.lists(st.integers(0, 1_000), max_size=20))
def test_the_characters_of_all_pieces_are_the_text(text: str, cuts: list[int]) -> None:
    assert "".join(whole_characters(pieces_of(text, cuts))) == text


def test_a_name_is_learned_as_far_as_others_begin_like_it() -> None:
    declaration = find_task("home_command")[0].declaration
    devices = [Device(name=name, area="hall", kind="light") for name in ("hall lamp", "hall light", "porch")]
    context = call_context(declaration, {"utterance": "on", "devices": devices}, by_name=True)
    grammar = answer_grammar(declaration, context)
    words = ['{"', "Switch", '":', '{"', "device", '":', '"', "hall", " l", "amp", '",', '"on":', "true", "}}", ""]
    forced = list(forced_pieces(grammar, [word.encode() for word in words], NO_TOKENS))
    learned = [word for word, is_forced in zip(words, forced, strict=True) if not is_forced]
    assert learned == ["Switch", "hall", "amp", "true"]


def test_an_answer_that_the_grammar_does_not_admit_is_refused() -> None:
    declaration, example = find_task("sort_message")[0].declaration, examples("sort_message")[0]
    grammar = answer_grammar(declaration, call_context(declaration, example.inputs, by_name=True))
    with pytest.raises(InputError, match="the grammar of the task does not admit"):
        list(forced_pieces(grammar, [b'{"label":', b'"nonsense"', b""], NO_TOKENS))


def test_where_a_token_may_go_on_behind_the_forced_text_the_shorter_one_is_learned() -> None:
    declaration = find_task("extract_invoice")[0].declaration
    example = next(each for each in examples("extract_invoice") if len(cast("Invoice", each.answer).lines) > 1)
    grammar = answer_grammar(declaration, call_context(declaration, example.inputs, by_name=True))
    text = answer_text(declaration, example.inputs, example.answer)
    before, behind = text[: text.index('"}]')], text[text.index('"}]') + 2 :]
    pieces = [each.encode() for each in (before, '"}', "]", behind[1:], "")]
    assert list(forced_pieces(grammar, pieces, NO_TOKENS))[1], "its characters are forced"
    assert list(forced_pieces(grammar, pieces, TokenTexts(('"}', '"}.'))))[1], "the grammar does not admit the dot"
    assert not list(forced_pieces(grammar, pieces, TokenTexts(('"}', '"},'))))[1], "another line, or the end of them"


@needs_model
@pytest.mark.model
@pytest.mark.parametrize("name", TASKS)
def test_every_token_that_may_stand_for_a_forced_one_writes_the_same_text(name: str) -> None:
    file = embedded_file()
    assert file
    tokens = read_vocabulary(read_gguf_header(file)).written_texts
    declaration = find_task(name)[0].declaration
    for example in examples(name, 4):
        grammar = answer_grammar(declaration, call_context(declaration, example.inputs, by_name=True))
        assert grammar is not None
        text = answer_text(declaration, example.inputs, example.answer)
        pieces = longest_pieces(text, tokens)
        prefixes, state = GrammarPrefixes(gbnf(grammar)), 0
        for piece, is_forced in zip(pieces, forced_pieces(grammar, pieces, tokens), strict=True):
            if is_forced and piece:
                only, _ = prefixes.forced_text(state, tokens.longest)
                others = [only[0] + rest for rest in tokens.rests(only[0])]
                assert all(only.startswith(each) for each in others if prefixes.walk(state, each) is not None)
            following = prefixes.walk(state, piece.decode())
            assert following is not None
            state = following


def longest_pieces(text: str, tokens: TokenTexts) -> list[bytes]:
    """The text cut into the longest tokens, from left to right, and the end."""
    known, pieces, start = set(tokens.texts), list[bytes](), 0
    while start < len(text):
        ends = range(min(len(text), start + tokens.longest), start, -1)
        end = next((each for each in ends if text[start:each] in known), start + 1)
        pieces.append(text[start:end].encode())
        start = end
    return [*pieces, b""]


@given(st.lists(st.text(max_size=6)), st.text(max_size=3))
def test_the_rests_of_tokens_are_those_of_all_that_begin_with_a_text(texts: list[str], beginning: str) -> None:
    expected = {each[len(beginning) :] for each in texts if each.startswith(beginning) and each != beginning}
    assert set(TokenTexts.from_bytes(each.encode() for each in texts).rests(beginning)) == expected
