"""Deterministic automata for the digit patterns of `plait.core.grammar.numbers`, to bound numbers token by token.

The patterns are GBNF: literals, classes, groups, `|`, `?` and `{m,n}`. A state is the pattern of the remaining text,
computed by Brzozowski's derivatives (J. ACM 11, 1964). No pattern here is ever empty, so no state is a dead end.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from plait.core.grammar import gbnf, numbers
from plait.core.grammar.ast import DateTime, Integer, Number, Pattern
from plait.core.grammar.patterns import tokens as pattern_tokens


@dataclass(frozen=True)
class DigitClass:
    characters: frozenset[str]


@dataclass(frozen=True)
class DigitSequence:
    """A concatenation; without parts, the empty text."""

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
    """`transitions[state]` maps a character to the next state; a text may end in the `accepting` states."""

    transitions: tuple[dict[str, int], ...]
    accepting: frozenset[int]

    @cached_property
    def characters(self) -> frozenset[str]:
        """All characters that a text may have."""
        return frozenset().union(*self.transitions)

    def walk(self, state: int, text: str) -> int:
        """The state after a text; -1 if the text is not allowed."""
        for character in text:
            state = self.transitions[state].get(character, -1) if state >= 0 else -1
        return state

    def matches(self, text: str) -> bool:
        return self.walk(0, text) in self.accepting


def character_automaton(terminal: Integer | Number | DateTime | Pattern) -> CharacterAutomaton:
    match terminal:
        case Integer(minimum, maximum):
            return compile_pattern(numbers.integer_pattern(minimum, maximum))
        case Number(minimum, maximum, above_minimum, below_maximum):
            return compile_pattern(numbers.number_pattern(minimum, maximum, above_minimum, below_maximum))
        case Pattern(pattern):
            return compile_pattern(pattern)
        case DateTime(form_name, zone):
            pattern = gbnf.DATETIME_PATTERNS[form_name] + gbnf.ZONE_PATTERNS[zone]
            for name in ("date", "time", "zone"):
                pattern = pattern.replace(name, f"({gbnf.RULES[name].partition('::= ')[2]})")
            return compile_pattern(pattern)


@lru_cache(256)
def compile_pattern(pattern: str) -> CharacterAutomaton:
    """The automaton of a pattern, with state 0 as its start."""
    states = {parse_pattern(pattern): 0}
    steps: list[dict[str, int]] = []
    for state in (ordered := list(states)):
        step: dict[str, int] = {}
        for character in sorted(first_characters(state)):
            next_state = derivative(state, character)
            if next_state not in states:
                states[next_state] = len(states)
                ordered.append(next_state)
            step[character] = states[next_state]
        steps.append(step)
    return CharacterAutomaton(tuple(steps), frozenset(number for state, number in states.items() if is_nullable(state)))


def parse_pattern(text: str) -> DigitPattern:
    tokens = [*pattern_tokens(text), ""]
    pattern = parse_alternation(tokens)
    assert tokens == [""], f"{tokens[0]} stands where nothing can"
    return pattern


def parse_alternation(tokens: list[str]) -> DigitPattern:
    options = [parse_sequence(tokens)]
    while tokens[0] == "|":
        tokens.pop(0)
        options.append(parse_sequence(tokens))
    return alternation(options)


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
            minimum, _, maximum = token[1:-1].partition(",")
            parts.append(repetition(parts.pop(), int(minimum), int(maximum or minimum)))
        elif token[0] == '"':
            parts.append(sequence([DigitClass(frozenset(character)) for character in token[1:-1]]))
        else:
            parts.append(DigitClass(class_members(token[1:-1])))
    return sequence(parts)


def class_members(inside: str) -> frozenset[str]:
    """The characters of a class of single characters and ranges."""
    ranges = re.findall(r"(.)-(.)|(.)", inside)
    return frozenset(
        chr(code)
        for low, high, single in ranges
        for code in (range(ord(low), ord(high) + 1) if low else (ord(single),))
    )


# Equal patterns are built as equal values, which keeps the number of states small.


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
    """Whether the pattern matches the empty text."""
    match pattern:
        case DigitClass():
            return False
        case DigitSequence(parts):
            return all(map(is_nullable, parts))
        case DigitAlternation(options):
            return any(map(is_nullable, options))
        case DigitRepetition(inner, minimum, _):
            return minimum == 0 or is_nullable(inner)


def first_characters(pattern: DigitPattern) -> set[str]:
    """The characters that a match may start with."""
    match pattern:
        case DigitClass(characters):
            return set(characters)
        case DigitSequence(parts):
            first: set[str] = set()
            for part in parts:
                first |= first_characters(part)
                if not is_nullable(part):
                    break
            return first
        case DigitAlternation(options):
            return set().union(*map(first_characters, options))
        case DigitRepetition(inner, _, _):
            return first_characters(inner)


def derivative(pattern: DigitPattern, character: str) -> DigitPattern:
    """The pattern of what may follow `character`."""
    match pattern:
        case DigitClass():
            return EMPTY_PATTERN
        case DigitSequence(parts):
            return sequence_derivative(parts, character)
        case DigitAlternation(options):
            return alternation([derivative(each, character) for each in options if character in first_characters(each)])
        case DigitRepetition(inner, minimum, maximum):
            return sequence([derivative(inner, character), repetition(inner, max(minimum - 1, 0), maximum - 1)])


def sequence_derivative(parts: tuple[DigitPattern, ...], character: str) -> DigitPattern:
    """The derivative of a concatenation: by its first part, or by a later one if all before it can be empty."""
    options: list[DigitPattern] = []
    for index, part in enumerate(parts):
        if character in first_characters(part):
            options.append(sequence([derivative(part, character), *parts[index + 1 :]]))
        if not is_nullable(part):
            break
    return alternation(options)
