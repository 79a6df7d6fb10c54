"""Regular expressions as frozen values: character sets, sequences, alternations and counted repetitions.

`plait.core.grammar.regular_expression` reads them from the notation of ECMA-262 and Python, the token automaton from
GBNF. The constructors below simplify, so that equal expressions are mostly built equal and automata have few states.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class CharacterSet:
    """One character: inclusive ranges of code points, sorted, not adjacent."""

    ranges: Ranges

    def __contains__(self, code: int) -> bool:
        return any(low <= code <= high for low, high in self.ranges)


@dataclass(frozen=True)
class Sequence:
    """One after the other; without parts it is the empty text."""

    parts: "tuple[Expression, ...]"

    @cached_property
    def cached_hash(self) -> int:
        return hash(self.parts)

    def __hash__(self) -> int:
        return self.cached_hash


@dataclass(frozen=True)
class Alternation:
    options: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Repetition:
    """`minimum` to `maximum` times; None is without end."""

    expression: "Expression"
    minimum: int
    maximum: int | None


Expression: TypeAlias = CharacterSet | Sequence | Alternation | Repetition
EMPTY = Sequence(())
MAX_CODE = 0x10FFFF


def character_set(ranges: Iterable[tuple[int, int]]) -> CharacterSet:
    """The union of some ranges."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return CharacterSet(tuple(merged))


def complement(ranges: Ranges) -> Ranges:
    """All other code points."""
    starts = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), MAX_CODE]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    return tuple(
        (max(low, start), min(high, end)) for low, high in one for start, end in other if low <= end and start <= high
    )


def sequence(parts: Iterable[Expression]) -> Expression:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Sequence) else (part,))]
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def alternation(options: Iterable[Expression]) -> Expression:
    flat = dict.fromkeys(
        inner for each in options for inner in (each.options if isinstance(each, Alternation) else (each,))
    )
    sets = [each for each in flat if isinstance(each, CharacterSet)]
    if len(sets) > 1:  # one character of several sets is one character of their union
        union = character_set(pair for each in sets for pair in each.ranges)
        flat = dict.fromkeys(union if each is sets[0] else each for each in flat if each not in sets[1:])
    return next(iter(flat)) if len(flat) == 1 else Alternation(tuple(flat))


def repetition(expression: Expression, minimum: int, maximum: int | None) -> Expression:
    if maximum == 0 or expression == EMPTY:
        return EMPTY
    return expression if minimum == maximum == 1 else Repetition(expression, minimum, maximum)


def is_nullable(expression: Expression) -> bool:
    """Whether it admits the empty text."""
    match expression:
        case CharacterSet():
            return False
        case Sequence(parts):
            return all(map(is_nullable, parts))
        case Alternation(options):
            return any(map(is_nullable, options))
        case Repetition(inner, minimum, _):
            return minimum == 0 or is_nullable(inner)


def minimum_length(expression: Expression) -> int:
    """Characters of the shortest text."""
    match expression:
        case CharacterSet():
            return 1
        case Sequence(parts):
            return sum(map(minimum_length, parts))
        case Alternation(options):
            return min(map(minimum_length, options))
        case Repetition(inner, minimum, _):
            return minimum * minimum_length(inner)


def maximum_length(expression: Expression) -> int | None:
    """Characters of the longest text; None if there is none."""
    match expression:
        case CharacterSet():
            return 1
        case Sequence(inner) | Alternation(inner):
            lengths = [maximum_length(each) for each in inner]
            known = [length for length in lengths if length is not None]
            total = sum(known) if isinstance(expression, Sequence) else max(known, default=0)
            return total if len(known) == len(lengths) else None
        case Repetition(inner, _, maximum):
            length = maximum_length(inner)
            return None if length is None or maximum is None else length * maximum


def first_characters(expression: Expression) -> set[CharacterSet]:
    """The sets that a text may begin with."""
    match expression:
        case CharacterSet():
            return {expression}
        case Sequence(parts):
            first: set[CharacterSet] = set()
            for part in parts:
                first |= first_characters(part)
                if not is_nullable(part):
                    break
            return first
        case Alternation(options):
            return set[CharacterSet]().union(*map(first_characters, options))
        case Repetition(inner, _, _):
            return first_characters(inner)
