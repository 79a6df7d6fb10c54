"""Which tokens of an answer the grammar forces. They carry no loss: they are written whatever the model thinks.

A text that is forced may still be a choice of tokens. Behind a price, `"}` has to follow, and a model with a token
`"},` chooses between both, which is to say whether another line follows. Where such a choice was not learned, a model
wrote lines without an end.
"""

from collections.abc import Iterable, Iterator

from plait.core.errors import InputError
from plait.core.grammar.ast import Grammar
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.prefixes import GrammarPrefixes
from plait.foundation.cards.gguf.vocabulary import TokenTexts


def learned_indices(grammar: Grammar | None, pieces: list[bytes], tokens: TokenTexts) -> tuple[int, ...]:
    """The pieces of an answer that the grammar does not force. Raises InputError for an answer that it excludes."""
    return tuple(index for index, is_forced in enumerate(forced_pieces(grammar, pieces, tokens)) if not is_forced)


def forced_pieces(grammar: Grammar | None, pieces: list[bytes], tokens: TokenTexts) -> Iterator[bool]:
    """Whether the grammar leaves no choice in each piece of an answer, the end included.

    A piece may end inside a character; then the whole characters decide.
    """
    if grammar is None:
        yield from (False for _ in pieces)
        return
    prefixes, state = GrammarPrefixes(gbnf(grammar)), 0
    for piece, text in zip(pieces, whole_characters(pieces), strict=True):
        if not piece:
            yield prefixes.may_end(state) and len(prefixes.states[state]) == 1
            return
        yield bool(text) and prefixes.is_forced(state, text) and not goes_beyond(prefixes, state, tokens)
        following = prefixes.walk(state, text)
        if following is None:
            raise InputError(
                f"the grammar of the task does not admit {text!r} here: {b''.join(pieces).decode(errors='replace')}",
                hint="correct the answer, or leave the example out",
            )
        state = following


def goes_beyond(prefixes: GrammarPrefixes, state: int, tokens: TokenTexts) -> bool:
    """Whether a token may stand here that has all of the text that is forced, and more: it makes the next choice."""
    forced, behind = prefixes.forced_text(state, tokens.longest)
    return any(prefixes.walk(behind, rest) is not None for rest in tokens.rests(forced))


def whole_characters(pieces: Iterable[bytes]) -> Iterator[str]:
    """The text that each piece completes; "" for one that ends inside its first character."""
    rest = b""
    for piece in pieces:
        rest += piece
        end = len(rest)
        while end and not is_character_boundary(rest, end):
            end -= 1
        yield rest[:end].decode()
        rest = rest[end:]


def is_character_boundary(content: bytes, end: int) -> bool:
    """Whether the bytes before `end` are whole characters of UTF-8."""
    try:
        content[:end].decode()
    except UnicodeDecodeError:
        return False
    return True
