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
from plait.core.grammar.ast import DateTime, Integer, Number

TOKEN = re.compile(r' *("[^"]*"|\[[^\]]*\]|\{\d+(?:,\d+)?\}|[()|?])')


@dataclass(frozen=True)
class DigitClass:
    characters: frozenset[str]


@dataclass(frozen=True)
class DigitSequence:
    """One after the other; the empty row is the empty text."""

    parts: "tuple[DigitPattern, ...]"


@dataclass(frozen=True)
class DigitAlternation:
    options: "frozenset[DigitPattern]"


@dataclass(frozen=True)
class DigitRepetition:
    pattern: "DigitPattern"
    minimum: int
    maximum: int


DigitPattern: TypeAlias = DigitClass | DigitSequence | DigitAlternation | DigitRepetition
EMPTY_PATTERN = DigitSequence(())


@dataclass(frozen=True)
class CharacterAutomaton:
    """`steps[state]` maps a character to the state behind it; a text may be over in the states of `over`."""

    transitions: tuple[dict[str, int], ...]
    accepting: frozenset[int]

    def walk(self, state: int, text: str) -> int:
        """The state behind a text; -1 where it cannot stand there."""
        for character in text:
            state = self.transitions[state].get(character, -1) if state >= 0 else -1
        return state

    def matches(self, text: str) -> bool:
        return self.walk(0, text) in self.accepting


def character_automaton(terminal: Integer | Number | DateTime) -> CharacterAutomaton:
    match terminal:
        case Integer(minimum, maximum):
            return compile_pattern(numbers.integer_pattern(minimum, maximum))
        case Number(minimum, maximum, above, below):
            return compile_pattern(numbers.number_pattern(minimum, maximum, above, below))
        case DateTime(form):
            date, time, zone = (gbnf.RULES[name].partition("::= ")[2] for name in ("date", "time", "zone"))
            return compile_pattern({"date": date, "time": time, "datetime": f'({date}) "T" ({time}) ({zone})?'}[form])


@lru_cache(256)
def compile_pattern(pattern: str) -> CharacterAutomaton:
    """States in the order they are found, the first where it begins."""
    states = {parse_pattern(pattern): 0}
    steps: list[dict[str, int]] = []
    for state in (found := list(states)):
        step: dict[str, int] = {}
        for character in sorted(first_characters(state)):
            then = derivative(state, character)
            if then not in states:
                states[then] = len(states)
                found.append(then)
            step[character] = states[then]
        steps.append(step)
    return CharacterAutomaton(tuple(steps), frozenset(place for state, place in states.items() if is_nullable(state)))


def parse_pattern(text: str) -> DigitPattern:
    found = TOKEN.findall(text)
    assert "".join(found).replace(" ", "") == text.replace(" ", ""), f"no pattern of digits: {text}"
    tokens = [*found, ""]
    whole = parse_alternation(tokens)
    assert tokens == [""], f"{tokens[0]} stands where nothing can"
    return whole


def parse_alternation(tokens: list[str]) -> DigitPattern:
    each = [parse_sequence(tokens)]
    while tokens[0] == "|":
        tokens.pop(0)
        each.append(parse_sequence(tokens))
    return alternation(each)


def parse_sequence(tokens: list[str]) -> DigitPattern:
    parts: list[DigitPattern] = []
    while tokens[0] not in ("", "|", ")"):
        token = tokens.pop(0)
        if token == "(":
            parts.append(parse_alternation(tokens))
            tokens.pop(0)
        elif token == "?":
            parts.append(repetition(parts.pop(), 0, 1))
        elif token[0] == "{":
            least, _, most = token[1:-1].partition(",")
            parts.append(repetition(parts.pop(), int(least), int(most or least)))
        elif token[0] == '"':
            parts.append(sequence([DigitClass(frozenset(character)) for character in token[1:-1]]))
        else:
            parts.append(DigitClass(class_members(token[1:-1])))
    return sequence(parts)


def class_members(inside: str) -> frozenset[str]:
    """The characters of a class: single ones and ranges."""
    ranges = re.findall(r"(.)-(.)|(.)", inside)
    return frozenset(
        chr(code)
        for low, high, single in ranges
        for code in (range(ord(low), ord(high) + 1) if low else (ord(single),))
    )


# Equal patterns are built equal, so that the states of an automaton are few.


def sequence(parts: list[DigitPattern]) -> DigitPattern:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, DigitSequence) else (part,))]
    return flat[0] if len(flat) == 1 else DigitSequence(tuple(flat))


def alternation(patterns: list[DigitPattern]) -> DigitPattern:
    flat = {inner for each in patterns for inner in (each.options if isinstance(each, DigitAlternation) else (each,))}
    return flat.pop() if len(flat) == 1 else DigitAlternation(frozenset(flat))


def repetition(pattern: DigitPattern, minimum: int, maximum: int) -> DigitPattern:
    return (
        EMPTY_PATTERN
        if maximum == 0
        else pattern
        if minimum == maximum == 1
        else DigitRepetition(pattern, minimum, maximum)
    )


def is_nullable(pattern: DigitPattern) -> bool:
    """Whether the empty text is of the pattern."""
    match pattern:
        case DigitClass():
            return False
        case DigitSequence(parts):
            return all(map(is_nullable, parts))
        case DigitAlternation(options):
            return any(map(is_nullable, options))
        case DigitRepetition(of, least, _):
            return least == 0 or is_nullable(of)


def first_characters(pattern: DigitPattern) -> set[str]:
    """The characters that it may begin with."""
    match pattern:
        case DigitClass(characters):
            return set(characters)
        case DigitSequence(parts):
            found: set[str] = set()
            for part in parts:
                found |= first_characters(part)
                if not is_nullable(part):
                    break
            return found
        case DigitAlternation(options):
            return set().union(*map(first_characters, options))
        case DigitRepetition(of, _, _):
            return first_characters(of)


def derivative(pattern: DigitPattern, character: str) -> DigitPattern:
    """What may follow a character that the pattern begins with."""
    match pattern:
        case DigitClass():
            return EMPTY_PATTERN
        case DigitSequence(parts):
            return sequence_derivative(parts, character)
        case DigitAlternation(options):
            return alternation([derivative(each, character) for each in options if character in first_characters(each)])
        case DigitRepetition(of, least, most):
            return sequence([derivative(of, character), repetition(of, max(least - 1, 0), most - 1)])


def sequence_derivative(parts: tuple[DigitPattern, ...], character: str) -> DigitPattern:
    """The character is of the first part, or of a later one where all before it are empty."""
    found: list[DigitPattern] = []
    for place, part in enumerate(parts):
        if character in first_characters(part):
            found.append(sequence([derivative(part, character), *parts[place + 1 :]]))
        if not is_nullable(part):
            break
    return alternation(found)
