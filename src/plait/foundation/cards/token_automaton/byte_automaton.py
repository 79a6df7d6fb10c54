"""Automata over characters as automata over the bytes of UTF-8, which the pieces of a vocabulary are made of.

A character of several bytes passes through states of its own; source of the ranges: Thompson's construction for UTF-8,
as in RE2 (compile.cc, AddUTF8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from plait.core.grammar.character_automaton import CharacterAutomaton

ByteRanges: TypeAlias = tuple[tuple[int, int], ...]
LAST_CODES = (0x7F, 0x7FF, 0xFFFF)  # of characters of one, two and three bytes


@dataclass(frozen=True)
class ByteAutomaton:
    """`transitions[state]` maps a byte to the state behind it. The first states are those of the characters."""

    transitions: tuple[dict[int, int], ...]

    def walk_all(self, spellings: Sequence[bytes]) -> NDArray[np.int32]:
        """The state behind each spelling from each state, (states, spellings); -1 where it cannot stand there."""
        count = len(self.transitions)
        table = np.full((count + 1, 257), count, np.int32)  # the last row: nowhere; the last column: no byte
        table[:, 256] = np.arange(count + 1)
        for state, step in enumerate(self.transitions):
            table[state, list(step)] = list(step.values())
        longest = max(map(len, spellings), default=0)
        padded = np.array([[*spelling, *[256] * (longest - len(spelling))] for spelling in spellings], np.int32)
        states = np.repeat(np.arange(count, dtype=np.int32)[:, None], len(spellings), 1)
        for place in range(longest):
            going = np.flatnonzero(padded[:, place] < 256)
            states[:, going] = table[states[:, going], padded[going, place]]
        return np.where(states == count, -1, states)


def byte_automaton(automaton: CharacterAutomaton) -> ByteAutomaton:
    """Its states are numbered as those of the automaton; within characters further ones follow."""
    unfinished: dict[frozenset[tuple[ByteRanges, int]], int] = {}
    pending = [
        frozenset((ranges, target) for low, high, target in step for ranges in utf8_ranges(low, high))
        for step in automaton.transitions
    ]
    transitions: list[dict[int, int]] = []
    for options in pending:
        step: dict[int, int] = {}
        for byte in {byte for (first, *_), _ in options for byte in range(first[0], first[1] + 1)}:
            behind = frozenset((rest, target) for (first, *rest_), target in options
                               if first[0] <= byte <= first[1] for rest in [tuple(rest_)])  # fmt: skip
            done = next((target for rest, target in behind if not rest), -1)
            if done < 0 and behind not in unfinished:
                unfinished[behind] = len(pending)
                pending.append(behind)
            step[byte] = done if done >= 0 else unfinished[behind]
        transitions.append(step)
    return ByteAutomaton(tuple(transitions))


def utf8_ranges(low: int, high: int) -> Iterator[ByteRanges]:
    """The characters from `low` to `high` as ranges of bytes, one for each place."""
    for cut in cuts(low, high):
        yield from utf8_ranges(low, cut)
        yield from utf8_ranges(cut + 1, high)
        return
    yield tuple(zip(chr(low).encode(), chr(high).encode(), strict=True))


def cuts(low: int, high: int) -> Iterator[int]:
    """Places at which the characters have to be parted: lengths differ, or not all continuations occur."""
    yield from (last for last in LAST_CODES if low <= last < high)
    for bits in (6, 12, 18) if high > LAST_CODES[0] else ():
        mask = (1 << bits) - 1
        if low & ~mask != high & ~mask:
            if low & mask:
                yield low | mask
            if high & mask != mask:
                yield (high & ~mask) - 1
