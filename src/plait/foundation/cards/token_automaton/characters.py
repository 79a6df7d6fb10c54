"""Text counted in characters while it is written in pieces, some of which are single bytes.

UTF-8 is followed through the pieces: a text is over only where no character is half written, and neither overlong
forms, surrogates nor control characters can be written (line feed and tab are text). Source of the states: the Unicode
Standard, table 3-7, well-formed UTF-8 byte sequences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

BLANK = b" "
# The state between characters is 0; in the others some of one is missing.
TAIL, TAILS, THREE = 1, 2, 3  # so many continuation bytes
FROM_A0 = 4  # after E0 (no overlong forms)
TO_9F = 5  # after ED (no surrogates)
FROM_90 = 6  # after F0
TO_8F = 7  # after F4
C1 = 8  # after C2, where 80 to 9F are control characters
BEGIN = 9  # where a text begins: one blank here is no character of it
STATES = 10
LEADS: tuple[tuple[int, int, int], ...] = (
    (0x09, 0x0A, 0), (0x20, 0x7E, 0), (0xC2, 0xC2, C1), (0xC3, 0xDF, TAIL), (0xE0, 0xE0, FROM_A0), (0xE1, 0xEC, TAILS),
    (0xED, 0xED, TO_9F), (0xEE, 0xEF, TAILS), (0xF0, 0xF0, FROM_90), (0xF1, 0xF3, THREE), (0xF4, 0xF4, TO_8F),
)  # fmt: skip
FOLLOW: dict[int, tuple[int, int, int]] = {
    TAIL: (0x80, 0xBF, 0),
    TAILS: (0x80, 0xBF, TAIL),
    THREE: (0x80, 0xBF, TAILS),
    FROM_A0: (0xA0, 0xBF, TAIL),
    TO_9F: (0x80, 0x9F, TAIL),
    FROM_90: (0x90, 0xBF, TAILS),
    TO_8F: (0x80, 0x8F, TAILS),
    C1: (0xA0, 0xBF, 0),
}


def behind(state: int, byte: int) -> int:
    """The state behind one more byte; -1 where it cannot stand there."""
    rules = (FOLLOW[state],) if state in FOLLOW else LEADS
    return next((then for first, last, then in rules if first <= byte <= last), -1)


BEHIND = tuple(tuple(behind(state, byte) for byte in range(256)) for state in range(STATES))


@dataclass(frozen=True, eq=False)
class Characters:
    """`lands[state, id]` is the state behind an id, -1 where it cannot follow; `begun[state, id]` how many characters
    begin in it, so that one half written counts. The row behind the last state is that of no text: nothing follows.
    """

    lands: NDArray[np.int32]
    begun: NDArray[np.int32]

    @cached_property
    def follows(self) -> NDArray[np.bool_]:
        return self.lands >= 0

    @cached_property
    def longest(self) -> int:
        """The most characters that begin in one id."""
        return int(self.begun.max())


def characters(spellings: Iterable[tuple[int, bytes]], size: int) -> Characters:
    """From all ids that write text, each with its bytes; `size` is that of the whole table."""
    lands, begun = np.full((STATES + 1, size), -1, np.int32), np.zeros((STATES + 1, size), np.int32)
    for id, spelling in spellings:
        for state in range(STATES):
            lands[state, id], begun[state, id] = passed(state, spelling)
    return Characters(lands, begun)


def passed(state: int, spelling: bytes) -> tuple[int, int]:
    """Where some bytes lead, and how many characters begin in them."""
    if state == BEGIN:
        state, spelling = 0, spelling.removeprefix(BLANK)
    count = 0
    for byte in spelling:
        count += state == 0
        state = BEHIND[state][byte]
        if state < 0:
            return -1, 0
    return state, count


def countable(text: str) -> bool:
    """Whether a text can be written at all: no control characters, no halves of characters."""
    try:
        return passed(0, text.encode())[0] == 0
    except UnicodeEncodeError:
        return False
