"""Words of a text, as the units of a quotation.

A word is a run of letters, digits and combining marks, a number with its separators (`12,50`), or one Han character;
every other character that is no white space is a piece of its own. A run of words begins with a word, an opening
bracket or a symbol, and ends with a word, a closing bracket, a symbol or the end of a sentence, never with a comma.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from plait.core.grammar.ast import Word

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
OPENING, CLOSING = "\"'#@&*/+-–", "\"'%.!?…。！？*+-"
SYMBOLS = ("Sc", "Sm", "So", "Sk")
MAX_LENGTH = 200  # code points of a quotation; a longer line is offered in overlapping parts of twice that length


@dataclass(frozen=True)
class PlacedWord:
    """A word and where it stands in its text."""

    word: Word
    start: int
    end: int


@lru_cache(maxsize=64)
def text_lines(text: str) -> tuple[tuple[PlacedWord, ...], ...]:
    """The words of each line that has any."""
    lines: list[tuple[PlacedWord, ...]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        words = tuple(line_words(line, offset))
        lines += [words] if words else []
        offset += len(line)
    return tuple(lines)


def line_words(line: str, offset: int) -> Iterator[PlacedWord]:
    position, spaced = 0, False
    while position < len(line):
        if line[position].isspace():
            position, spaced = position + 1, True
            continue
        end = word_end(line, position)
        text = line[position:end]
        yield PlacedWord(Word(text, spaced, may_start(text), may_end(text)), offset + position, offset + end)
        position, spaced = end, False


def word_end(line: str, start: int) -> int:
    """The end of the word that begins at `start`; marks belong to the character before them."""
    number = NUMBER.match(line, start)
    end = number.end() if number else start + 1
    in_word = is_word_character(line[start])
    while end < len(line) and (is_mark(line[end]) or (in_word and is_word_character(line[end]))):
        end += 1
    return end


def is_word_character(character: str) -> bool:
    """Whether it is a letter or digit of a script that is written in words; Han characters are words of their own."""
    return (character.isalnum() or character == "_") and not is_han(character)


def is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿" or "豈" <= character <= "﫿" or character >= "\U00020000"


def is_mark(character: str) -> bool:
    """Whether it belongs to the character before: a combining mark, a joiner, a mark of direction."""
    return not character.isascii() and unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


def may_start(text: str) -> bool:
    return text[0].isalnum() or text[0] in OPENING or unicodedata.category(text[0]) in ("Ps", "Pi", *SYMBOLS)


def may_end(text: str) -> bool:
    return text[0].isalnum() or text[0] in CLOSING or unicodedata.category(text[0]) in ("Pe", "Pf", *SYMBOLS)


def collapse(text: str) -> str:
    """The text with single spaces for white space, as a quotation is written."""
    return " ".join(text.split())
