"""Whether a text has begun to repeat itself: small models asked for a list write the same item until their limit."""

import re

TAIL = 900  # characters looked at
ENOUGH = 160  # characters that must repeat, numbers counted as one
TIMES = 4
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def repeats_itself(text: str) -> bool:
    """Whether the end of the text is one piece at least four times over, numbers aside: they may count on."""
    backwards = NUMBER.sub("0", text[-TAIL:])[::-1]
    for length, border in enumerate(borders(backwards), 1):
        period = length - border
        if length >= ENOUGH and length >= TIMES * period:
            return True
    return False


def borders(text: str) -> list[int]:
    """For each beginning of the text, the longest proper part that it begins and ends with (Knuth, Morris, Pratt)."""
    found = [0] * len(text)
    for place in range(1, len(text)):
        border = found[place - 1]
        while border and text[place] != text[border]:
            border = found[border - 1]
        found[place] = border + (text[place] == text[border])
    return found
