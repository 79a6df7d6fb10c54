"""UTF-8 decoding states, to count the characters of a text that is written in tokens, some of them single bytes.

A text can end only between characters. Overlong forms, surrogates and control characters are excluded (line feed and
tab are text). Source of the states: the Unicode Standard, table 3-7, well-formed UTF-8 byte sequences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SPACE = b" "
# State 0 is between characters; in the others a character is incomplete.
ONE_MORE, TWO_MORE, THREE_MORE = 1, 2, 3  # number of missing continuation bytes
FROM_A0 = 4  # after E0 (no overlong forms)
TO_9F = 5  # after ED (no surrogates)
FROM_90 = 6  # after F0
TO_8F = 7  # after F4
C1 = 8  # after C2, where 80 to 9F are control characters
TEXT_START = 9  # start of a text: one space here is not counted
NUM_STATES = 10
LEAD_BYTES: tuple[tuple[int, int, int], ...] = (
    (0x09, 0x0A, 0), (0x20, 0x7E, 0), (0xC2, 0xC2, C1), (0xC3, 0xDF, ONE_MORE), (0xE0, 0xE0, FROM_A0),
    (0xE1, 0xEC, TWO_MORE), (0xED, 0xED, TO_9F), (0xEE, 0xEF, TWO_MORE),
    (0xF0, 0xF0, FROM_90), (0xF1, 0xF3, THREE_MORE), (0xF4, 0xF4, TO_8F),
)  # fmt: skip
CONTINUATION_BYTES: dict[int, tuple[int, int, int]] = {
    ONE_MORE: (0x80, 0xBF, 0),
    TWO_MORE: (0x80, 0xBF, ONE_MORE),
    THREE_MORE: (0x80, 0xBF, TWO_MORE),
    FROM_A0: (0xA0, 0xBF, ONE_MORE),
    TO_9F: (0x80, 0x9F, ONE_MORE),
    FROM_90: (0x90, 0xBF, TWO_MORE),
    TO_8F: (0x80, 0x8F, TWO_MORE),
    C1: (0xA0, 0xBF, 0),
}


def next_state(state: int, byte: int) -> int:
    """The state after one more byte; -1 if the byte is not allowed."""
    rules = (CONTINUATION_BYTES[state],) if state in CONTINUATION_BYTES else LEAD_BYTES
    return next((target for first, last, target in rules if first <= byte <= last), -1)


NEXT_STATE = tuple(tuple(next_state(state, byte) for byte in range(256)) for state in range(NUM_STATES))


@dataclass(frozen=True, eq=False)
class CharacterTables:
    """`lands[state, id]` is the state after an id, -1 if it is not allowed; `begun[state, id]` the number of characters
    that begin in it, incomplete ones included. The row after the last state is for "not in a text": nothing is allowed.
    """

    next_states: NDArray[np.int32]
    character_counts: NDArray[np.int32]

    @cached_property
    def allowed_mask(self) -> NDArray[np.bool_]:
        return self.next_states >= 0

    @cached_property
    def max_characters(self) -> int:
        """The largest number of characters that begin in one id."""
        return int(self.character_counts.max())


def character_tables(spellings: Iterable[tuple[int, bytes]], size: int) -> CharacterTables:
    """The tables of all text ids with their bytes; `size` is the vocabulary size."""
    next_states, character_counts = (
        np.full((NUM_STATES + 1, size), -1, np.int32),
        np.zeros((NUM_STATES + 1, size), np.int32),
    )
    for id, spelling in spellings:
        for state in range(NUM_STATES):
            next_states[state, id], character_counts[state, id] = walk_utf8(state, spelling)
    return CharacterTables(next_states, character_counts)


def walk_utf8(state: int, spelling: bytes) -> tuple[int, int]:
    """The state after some bytes, and the number of characters that begin in them."""
    if state == TEXT_START:
        state, spelling = 0, spelling.removeprefix(SPACE)
    count = 0
    for byte in spelling:
        count += state == 0
        state = NEXT_STATE[state][byte]
        if state < 0:
            return -1, 0
    return state, count


def is_writable(text: str) -> bool:
    """Whether a text is encodable: no control characters, no lone surrogates."""
    try:
        return walk_utf8(0, text.encode())[0] == 0
    except UnicodeEncodeError:
        return False
