"""Length bounds of regular expressions: how a pattern becomes a grammar of texts that end.

A decoder should have one way to read each text. Where an expression tells by the next character what it is part of,
its repetitions are bounded and it is written as it is; otherwise its automaton is, in which texts may have to be
shorter.
"""

from functools import lru_cache
from math import isqrt

from plait.core.grammar.character_automaton import (
    CharacterAutomaton,
    TooManyStates,
    character_automaton,
    limit_length,
)
from plait.core.grammar.expression import (
    EMPTY,
    Alternation,
    CharacterSet,
    Expression,
    Ranges,
    Repetition,
    Sequence,
    alternation,
    first_characters,
    intersection,
    is_nullable,
    maximum_length,
    minimum_length,
    repetition,
    sequence,
)
from plait.core.grammar.regular_expression import UnsupportedPattern, regular_expression

MAX_STATES = 150
LONG = 500  # characters: with as many, shares of them are long enough for anyone


@lru_cache(256)
def bounded_expression(pattern: str, minimum: int, maximum: int) -> Expression | CharacterAutomaton:
    """Texts of a pattern with `minimum` to `maximum` characters. Raises UnsupportedPattern."""
    expression = regular_expression(pattern)
    if minimum_length(expression) > maximum:
        raise UnsupportedPattern(f"texts of more than {maximum:,} characters")
    longer = at_least(expression, minimum) if is_deterministic(expression, ()) else None
    if longer is not None and (maximum >= LONG or loses_nothing(longer, maximum)):
        return at_most(longer, maximum)
    try:
        return limit_length(character_automaton(expression, MAX_STATES), minimum, maximum, MAX_STATES)
    except TooManyStates:
        if longer is not None:
            return at_most(longer, maximum)
        raise UnsupportedPattern("so many repetitions in each other") from None


def fits(expression: Expression, maximum: int) -> bool:
    length = maximum_length(expression)
    return length is not None and length <= maximum


def is_deterministic(expression: Expression, after: Ranges) -> bool:
    """Whether the next character tells which part it belongs to; `after` may stand behind the expression."""
    match expression:
        case CharacterSet():
            return True
        case Alternation(options):
            firsts = [first_ranges(each) for each in options]
            overlap = any(intersection(one, other) for index, one in enumerate(firsts) for other in firsts[:index])
            ends = [each for each in options if is_nullable(each)]
            clash = len(ends) > 1 or (len(ends) == 1 and any(intersection(first, after) for first in firsts))
            return not overlap and not clash and all(is_deterministic(each, after) for each in options)
        case Sequence(parts):
            for part in reversed(parts):
                if not is_deterministic(part, after):
                    return False
                after = (*first_ranges(part), *(after if is_nullable(part) else ()))
            return True
        case Repetition(inner, minimum, maximum):
            first = first_ranges(inner)
            is_variable = minimum != maximum
            if is_nullable(inner) or (is_variable and intersection(first, after)):
                return False
            return is_deterministic(inner, after if maximum == 1 else (*first, *after))


def first_ranges(expression: Expression) -> Ranges:
    return tuple(pair for each in first_characters(expression) for pair in each.ranges)


def variable_parts(expression: Expression) -> list[int]:
    """Places of the parts that have texts of several lengths."""
    parts = expression.parts if isinstance(expression, Sequence) else (expression,)
    return [index for index, part in enumerate(parts) if maximum_length(part) != minimum_length(part)]


def at_least(expression: Expression, minimum: int) -> Expression | None:
    """Those with `minimum` characters or more; None where bounds of repetitions cannot say it."""
    missing = minimum - minimum_length(expression)
    if missing <= 0:
        return expression
    parts = list(expression.parts if isinstance(expression, Sequence) else (expression,))
    places = variable_parts(expression)
    if len(places) != 1:
        return None
    match parts[places[0]]:
        case Repetition(CharacterSet() as inner, least, most) if most is None or least + missing <= most:
            parts[places[0]] = repetition(inner, least + missing, most)
            return sequence(parts)
        case _:
            return None


def at_most(expression: Expression, maximum: int) -> Expression:
    """Texts of at most `maximum` characters, which is not less than the shortest has; some others may be lost."""
    if fits(expression, maximum):
        return expression
    match expression:
        case CharacterSet():
            return expression
        case Alternation(options):
            return alternation(at_most(each, maximum) for each in options if minimum_length(each) <= maximum)
        case Sequence(parts):
            return sequence(map(at_most, parts, part_lengths(parts, maximum)))
        case Repetition(inner, minimum, most):
            return repeat_at_most(inner, minimum, most, maximum)


def part_lengths(parts: tuple[Expression, ...], maximum: int) -> list[int]:
    """Characters for each part: short ones get all that they need, the others share the rest."""
    lengths = [minimum_length(part) for part in parts]
    spare = maximum - sum(lengths)
    needs = sorted((LONG if (most := maximum_length(part)) is None else most - lengths[index], index)
                   for index, part in enumerate(parts))  # fmt: skip
    for done, (need, index) in enumerate(needs):
        share = spare // (len(parts) - done)
        extra = share if maximum_length(parts[index]) is None else min(need, share)
        lengths[index] += extra
        spare -= extra
    return lengths


def loses_nothing(expression: Expression, maximum: int) -> bool:
    """Whether `at_most` leaves out nothing but longer texts: one part alone is bounded by it."""
    if fits(expression, maximum):
        return True
    parts = expression.parts if isinstance(expression, Sequence) else (expression,)
    *others, (_, last) = sorted((LONG * maximum if (most := maximum_length(part)) is None else most, index)
                                for index, part in enumerate(parts))  # fmt: skip
    spare = maximum - minimum_length(expression)
    match parts[last]:
        case Repetition(CharacterSet()):
            is_simple = True
        case _:
            is_simple = False
    return (
        is_simple and sum(most for most, _ in others) - sum(minimum_length(parts[i]) for _, i in others) == 0 <= spare
    )


def repeat_at_most(inner: Expression, minimum: int, most: int | None, maximum: int) -> Expression:
    """A repetition in `maximum` characters: as often as fits where the length is fixed, else a bound for both."""
    shortest, longest = minimum_length(inner), maximum_length(inner)
    if maximum == 0 or maximum < shortest:
        return EMPTY
    count = maximum // longest if longest and longest * max(minimum, 1) <= maximum else isqrt(maximum)
    count = min(max(count, minimum, 1), maximum // max(shortest, 1), most if most is not None else maximum)
    return repetition(at_most(inner, maximum // max(count, 1)), minimum, count)
