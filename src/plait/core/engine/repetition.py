"""Repetition check of a text: small models that write a list repeat the same item up to their limit."""

import re

CHECKED_LENGTH = 900  # characters at the end of the text that are checked
MIN_REPEATED_LENGTH = 160  # characters that must repeat; each number counts as one
MIN_REPEATS = 4
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def is_repeating(text: str) -> bool:
    """Whether the text ends with one piece repeated at least four times. Numbers are ignored: they may count up."""
    backwards = NUMBER.sub("0", text[-CHECKED_LENGTH:])[::-1]
    for length, border in enumerate(borders(backwards), 1):
        period = length - border
        if length >= MIN_REPEATED_LENGTH and length >= MIN_REPEATS * period:
            return True
    return False


def borders(text: str) -> list[int]:
    """For each prefix of the text, the length of its longest proper border (Knuth, Morris, Pratt)."""
    lengths = [0] * len(text)
    for position in range(1, len(text)):
        border = lengths[position - 1]
        while border and text[position] != text[border]:
            border = lengths[border - 1]
        lengths[position] = border + (text[position] == text[border])
    return lengths
