"""Whether a text has begun to repeat itself: small models asked for a list write the same item until their limit."""

import re

CHECKED_LENGTH = 900  # characters looked at
MIN_REPEATED_LENGTH = 160  # characters that must repeat, numbers counted as one
MIN_REPEATS = 4
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def is_repeating(text: str) -> bool:
    """Whether the end of the text is one piece at least four times over, numbers aside: they may count on."""
    backwards = NUMBER.sub("0", text[-CHECKED_LENGTH:])[::-1]
    for length, border in enumerate(borders(backwards), 1):
        period = length - border
        if length >= MIN_REPEATED_LENGTH and length >= MIN_REPEATS * period:
            return True
    return False


def borders(text: str) -> list[int]:
    """For each beginning of the text, the longest proper part that it begins and ends with (Knuth, Morris, Pratt)."""
    lengths = [0] * len(text)
    for position in range(1, len(text)):
        border = lengths[position - 1]
        while border and text[position] != text[border]:
            border = lengths[border - 1]
        lengths[position] = border + (text[position] == text[border])
    return lengths
