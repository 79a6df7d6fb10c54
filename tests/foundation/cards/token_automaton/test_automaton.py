"""The automaton admits neither more nor less than the grammar says, for batches and step by step."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.core.values.json_text import dumps
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.testing.values import CHARACTERS
from tests.support.automaton_walks import accepts_ids, advance, all_sequences, alphabet, batch, token_grammar

BOOLEAN = g.Choice((g.Literal(True), g.Literal(False)))


# With characters of one to three bytes, whole and in bytes, a piece of two characters and one that ends within one.
BYTES = (*(bytes([byte]) for byte in " a\né中".encode()), b"\xc2", b"\x85", "中".encode(), b" a", b"a\xe4")
DIGITS = tuple(b"0 1 2 3 4 5 6 7 8 9 12".split())


@dataclass(frozen=True)
class Few:
    """A table of so few pieces that all there is to write can be written out."""

    piece_bytes: tuple[bytes, ...] = DIGITS
    pad: int = 0
    mask: int = 1
    end: int = 2
    close: int = 3
    true: int = 4
    false: int = 5
    null: int = 6
    bins: range = range(40, 44)
    size: int = 44

    @property
    def text(self) -> range:
        return range(7, 7 + len(self.piece_bytes))

    def encode(self, text: str) -> list[int]:
        return [self.text[self.piece_bytes.index(bytes([byte]))] for byte in text.encode()]

    def decode(self, ids: list[int]) -> str:
        pieces = (b"___" if id == self.mask else self.piece_bytes[id - 7] for id in ids)
        return b"".join(pieces).decode().removeprefix(" ")


def everything(grammar: g.Grammar, symbols: Few = Few()) -> set[str]:
    form = TokenGrammar(grammar, Alphabet(symbols))  # type: ignore[arg-type]
    return {dumps(form.decode(ids)) for ids in all_sequences(form.automaton)}


def test_exactly_the_boxes_of_four_bins_are_admitted() -> None:
    pairs = [(low, high) for high in range(4) for low in range(high)]
    assert everything(g.BinnedBox(4)) == {f"[{x0},{y0},{x1},{y1}]" for x0, x1 in pairs for y0, y1 in pairs}


@given(st.integers(0, 130), st.integers(0, 120))
@settings(max_examples=15)
def test_exactly_the_integers_between_the_bounds_are_admitted(low: int, more: int) -> None:
    assert everything(g.Integer(low, low + more)) == {str(number) for number in range(low, low + more + 1)}


def test_exactly_the_lists_of_one_to_three_items_are_admitted() -> None:
    one_to_three = everything(g.Array(BOOLEAN, 1, 3))
    assert len(one_to_three) == 2 + 4 + 8 and "[]" not in one_to_three
    assert len(everything(g.Array(g.Array(BOOLEAN, 0, 1), 0, 2))) == 1 + 3 + 9
    assert everything(g.Array(g.Object(()), 0, 2)) == {"[]", "[{}]", "[{},{}]"}


def test_exactly_the_texts_of_a_pattern_are_admitted() -> None:
    """Characters of several bytes may be written in bytes."""
    assert everything(g.RegularExpression("^[a中é]{1,2}$", 0, 9), Few(BYTES)) == {
        dumps(text) for one in "a中é" for text in (one, *(one + other for other in "a中é"))
    }
    assert everything(g.RegularExpression("^[^a]?$", 0, 9), Few(BYTES)) - everything(g.Text(1, 1), Few(BYTES)) == {'""'}


def test_exactly_the_texts_of_two_characters_are_admitted() -> None:
    """Bytes may be put together to characters that no piece holds; U+0085, C2 85, is a control character."""
    tails = {0xA9, 0xB8, 0xAD, 0x85}
    pairs = [bytes([lead, tail]) for lead in (0xC2, 0xC3) for tail in tails]
    triples = [bytes([0xE4, one, two]) for one in tails for two in tails]
    known = [" ", "a", "\n", *(each.decode() for each in (*pairs, *triples) if each != b"\xc2\x85")]
    assert everything(g.Text(2, 2), Few(BYTES)) == {dumps(one + other) for one in known for other in known}


def test_the_gap_token_counts_as_three_characters() -> None:
    mark = [alphabet().vocabulary.mask, alphabet().vocabulary.end]
    assert (
        accepts_ids(token_grammar(g.Text(3, 3)).automaton, mark) and token_grammar(g.Text(3, 3)).decode(mark) == "___"
    )
    assert not accepts_ids(token_grammar(g.Text(0, 2)).automaton, mark)


@given(st.text(CHARACTERS, min_size=1, max_size=60))
def test_the_length_of_a_text_is_counted_like_in_python(text: str) -> None:
    exact = token_grammar(g.Text(len(text), len(text)))
    ids = exact.encode(text)
    assert accepts_ids(exact.automaton, ids)
    for minimum, maximum in ((0, len(text) - 1), (len(text) + 1, len(text) + 9)):
        assert not accepts_ids(token_grammar(g.Text(minimum, maximum)).automaton, ids)


def test_the_second_corner_of_a_box_is_beyond_the_first() -> None:
    automaton, bins = token_grammar(g.BinnedBox(512)).automaton, alphabet().vocabulary.bins
    at = batch(automaton)
    for bin, allowed in ((500, range(0, 511)), (3, range(0, 511)), (501, range(501, 512)), (9, range(4, 512))):
        assert np.flatnonzero(automaton.allowed_mask(at)[0]).tolist() == [bins[each] for each in allowed]
        at = advance(automaton, at, np.array([bins[bin]]))
    assert automaton.is_done(at).all() and np.flatnonzero(automaton.allowed_mask(at)[0]).tolist() == [
        alphabet().vocabulary.pad
    ]


def test_an_id_that_is_not_allowed_is_refused_in_its_row_alone() -> None:
    automaton, symbols = token_grammar(BOOLEAN).automaton, alphabet().vocabulary
    advanced = automaton.try_advance(batch(automaton, 2), np.array([symbols.true, symbols.null]))
    assert (advanced.state < 0).tolist() == [False, True]


def test_one_character_too_many_is_refused() -> None:
    automaton, symbols = token_grammar(g.Text(0, 2)).automaton, alphabet().vocabulary
    at, one = batch(automaton), np.array(symbols.encode("中"))
    for _ in range(2):
        at = advance(automaton, at, one)
    assert np.flatnonzero(automaton.allowed_mask(at)[0]).tolist() == [symbols.end]
    assert (automaton.try_advance(at, one).state < 0).all()


def test_rows_can_be_kept_dropped_and_duplicated() -> None:
    automaton, symbols = token_grammar(g.Text(1, 3)).automaton, alphabet().vocabulary
    at = advance(automaton, batch(automaton, 2), np.array([symbols.encode("中")[0], symbols.text[ord("a")]]))
    rows_kept = at[np.array([1, 1, 0])]
    ids = np.array([symbols.end, symbols.text[ord("b")], symbols.end])
    assert automaton.is_done(advance(automaton, rows_kept, ids)).tolist() == [True, False, True]
    assert not automaton.is_done(at).any()


def test_an_enumeration_of_thousands_has_one_state_per_prefix() -> None:
    labels = tuple(f"{colour} thing number {place}" for colour in ("red", "blue") for place in range(1_500))
    form = token_grammar(g.Reference(labels))
    assert all(form.decode(form.encode(label)) == label for label in labels[::100])
    at = batch(form.automaton)
    assert form.automaton.allowed_mask(at).sum() == 2  # red or blue
