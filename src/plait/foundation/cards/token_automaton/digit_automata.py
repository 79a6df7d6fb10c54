"""Patterns of digits as deterministic automata: the bounds of `plait.core.grammar.numbers`, applied token by token.

The patterns are GBNF as the core writes it: literals, classes, groups, `|`, `?` and `{m,n}`. A state is what may still
follow, found by Brzozowski's derivatives (J. ACM 11, 1964): the derivative of a pattern by a character is the pattern
of what may stand behind it. None of these patterns is ever empty, so no state is a dead end.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from plait.core.grammar import gbnf, numbers
from plait.core.grammar.ast import Moment, Number, Whole

TOKEN = re.compile(r' *("[^"]*"|\[[^\]]*\]|\{\d+(?:,\d+)?\}|[()|?])')


@dataclass(frozen=True)
class Class:
    characters: frozenset[str]


@dataclass(frozen=True)
class Row:
    """One after the other; the empty row is the empty text."""

    parts: "tuple[Pattern, ...]"


@dataclass(frozen=True)
class Either:
    options: "frozenset[Pattern]"


@dataclass(frozen=True)
class Several:
    of: "Pattern"
    least: int
    most: int


Pattern: TypeAlias = Class | Row | Either | Several
NOTHING = Row(())


@dataclass(frozen=True)
class Spelling:
    """`steps[state]` maps a character to the state behind it; a text may be over in the states of `over`."""

    steps: tuple[dict[str, int], ...]
    over: frozenset[int]

    def walk(self, state: int, text: str) -> int:
        """The state behind a text; -1 where it cannot stand there."""
        for character in text:
            state = self.steps[state].get(character, -1) if state >= 0 else -1
        return state

    def admits(self, text: str) -> bool:
        return self.walk(0, text) in self.over


def spelling(terminal: Whole | Number | Moment) -> Spelling:
    match terminal:
        case Whole(minimum, maximum):
            return automaton(numbers.whole(minimum, maximum))
        case Number(minimum, maximum, above, below):
            return automaton(numbers.number(minimum, maximum, above, below))
        case Moment(form):
            date, time, zone = (gbnf.RULES[name].partition("::= ")[2] for name in ("date", "time", "zone"))
            return automaton({"date": date, "time": time, "datetime": f'({date}) "T" ({time}) ({zone})?'}[form])


@lru_cache(256)
def automaton(pattern: str) -> Spelling:
    """States in the order they are found, the first where it begins."""
    states = {read(pattern): 0}
    steps: list[dict[str, int]] = []
    for state in (found := list(states)):
        step: dict[str, int] = {}
        for character in sorted(first(state)):
            then = derivative(state, character)
            if then not in states:
                states[then] = len(states)
                found.append(then)
            step[character] = states[then]
        steps.append(step)
    return Spelling(tuple(steps), frozenset(place for state, place in states.items() if empty(state)))


def read(text: str) -> Pattern:
    found = TOKEN.findall(text)
    assert "".join(found).replace(" ", "") == text.replace(" ", ""), f"no pattern of digits: {text}"
    tokens = [*found, ""]
    whole = options(tokens)
    assert tokens == [""], f"{tokens[0]} stands where nothing can"
    return whole


def options(tokens: list[str]) -> Pattern:
    each = [row_of(tokens)]
    while tokens[0] == "|":
        tokens.pop(0)
        each.append(row_of(tokens))
    return either(each)


def row_of(tokens: list[str]) -> Pattern:
    parts: list[Pattern] = []
    while tokens[0] not in ("", "|", ")"):
        token = tokens.pop(0)
        if token == "(":
            parts.append(options(tokens))
            tokens.pop(0)
        elif token == "?":
            parts.append(several(parts.pop(), 0, 1))
        elif token[0] == "{":
            least, _, most = token[1:-1].partition(",")
            parts.append(several(parts.pop(), int(least), int(most or least)))
        elif token[0] == '"':
            parts.append(row([Class(frozenset(character)) for character in token[1:-1]]))
        else:
            parts.append(Class(members(token[1:-1])))
    return row(parts)


def members(inside: str) -> frozenset[str]:
    """The characters of a class: single ones and ranges."""
    ranges = re.findall(r"(.)-(.)|(.)", inside)
    return frozenset(
        chr(code)
        for low, high, single in ranges
        for code in (range(ord(low), ord(high) + 1) if low else (ord(single),))
    )


# Equal patterns are built equal, so that the states of an automaton are few.


def row(parts: list[Pattern]) -> Pattern:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Row) else (part,))]
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def either(options: list[Pattern]) -> Pattern:
    flat = {inner for each in options for inner in (each.options if isinstance(each, Either) else (each,))}
    return flat.pop() if len(flat) == 1 else Either(frozenset(flat))


def several(of: Pattern, least: int, most: int) -> Pattern:
    return NOTHING if most == 0 else of if least == most == 1 else Several(of, least, most)


def empty(pattern: Pattern) -> bool:
    """Whether the empty text is of the pattern."""
    match pattern:
        case Class():
            return False
        case Row(parts):
            return all(map(empty, parts))
        case Either(options):
            return any(map(empty, options))
        case Several(of, least, _):
            return least == 0 or empty(of)


def first(pattern: Pattern) -> set[str]:
    """The characters that it may begin with."""
    match pattern:
        case Class(characters):
            return set(characters)
        case Row(parts):
            found: set[str] = set()
            for part in parts:
                found |= first(part)
                if not empty(part):
                    break
            return found
        case Either(options):
            return set().union(*map(first, options))
        case Several(of, _, _):
            return first(of)


def derivative(pattern: Pattern, character: str) -> Pattern:
    """What may follow a character that the pattern begins with."""
    match pattern:
        case Class():
            return NOTHING
        case Row(parts):
            return behind_one_of(parts, character)
        case Either(options):
            return either([derivative(each, character) for each in options if character in first(each)])
        case Several(of, least, most):
            return row([derivative(of, character), several(of, max(least - 1, 0), most - 1)])


def behind_one_of(parts: tuple[Pattern, ...], character: str) -> Pattern:
    """The character is of the first part, or of a later one where all before it are empty."""
    found: list[Pattern] = []
    for place, part in enumerate(parts):
        if character in first(part):
            found.append(row([derivative(part, character), *parts[place + 1 :]]))
        if not empty(part):
            break
    return either(found)
