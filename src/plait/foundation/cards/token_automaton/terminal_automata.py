"""Terminals as automata over characters: the bounds of `plait.core.grammar.numbers`, the runs of words of an input,
applied token by token.

Patterns of digits are GBNF as the core writes it: literals, classes, groups, `|`, `?` and `{m,n}`. None of them is ever
empty, so no state is a dead end.
"""

import re
from functools import lru_cache
from typing import TypeAlias

from plait.core.grammar import gbnf, numbers
from plait.core.grammar.ast import DateTime, Integer, Number, Pattern, RegularExpression, WordRun
from plait.core.grammar.character_automaton import (
    CharacterAutomaton,
    TooManyStates,
    character_automaton,
    limit_length,
)
from plait.core.grammar.expression import CharacterSet, Expression, alternation, character_set, repetition, sequence
from plait.core.grammar.patterns import tokens as pattern_tokens
from plait.core.grammar.regular_expression import regular_expression
from plait.core.grammar.spans import span_automaton

MAX_STATES = 100  # of a pattern: texts without end are cut to a length that has as many
MAX_WORD_STATES = 6_000  # of the words of an input: about 1,000 words; a state for each character of each run

Terminal: TypeAlias = Integer | Number | DateTime | Pattern | RegularExpression | WordRun


def terminal_automaton(terminal: Terminal) -> CharacterAutomaton:
    """Raises TooManyStates for a pattern whose texts are too long, and for too many words."""
    match terminal:
        case Integer(minimum, maximum):
            return compile_pattern(numbers.integer_pattern(minimum, maximum))
        case Number(minimum, maximum, above_minimum, below_maximum):
            return compile_pattern(numbers.number_pattern(minimum, maximum, above_minimum, below_maximum))
        case Pattern(pattern):
            return compile_pattern(pattern)
        case RegularExpression(pattern, minimum, maximum):
            automaton = character_automaton(regular_expression(pattern), MAX_STATES)
            return limit_length(automaton, minimum, maximum, MAX_STATES)
        case WordRun():
            return word_automaton(terminal)
        case DateTime(form_name, zone):
            pattern = gbnf.DATETIME_PATTERNS[form_name] + gbnf.ZONE_PATTERNS[zone]
            for name in ("date", "time", "zone"):
                pattern = pattern.replace(name, f"({gbnf.RULES[name].partition('::= ')[2]})")
            return compile_pattern(pattern)


@lru_cache(16)
def word_automaton(run: WordRun) -> CharacterAutomaton:
    """The runs of words, character by character.

    A position is a state of the automaton over words, and what is still to be written of the word before it: "20" and
    "20,5" may both begin at one place, so that a state is a set of positions. Raises TooManyStates.
    """
    words = span_automaton(run)
    start = frozenset([("", 0)])
    states, ordered = {start: 0}, [start]
    transitions: list[tuple[tuple[int, int, int], ...]] = []
    for positions in ordered:
        following: dict[str, set[tuple[str, int]]] = {}
        for rest, state in positions:
            for text, target in [(rest, state)] if rest else words.transitions[state]:
                following.setdefault(text[0], set()).add((text[1:], target))
        step: list[tuple[int, int, int]] = []
        for character, behind in following.items():
            target = frozenset(behind)
            if target not in states:
                states[target] = len(states)
                ordered.append(target)
            step.append((ord(character), ord(character), states[target]))
        transitions.append(tuple(step))
        if len(states) > MAX_WORD_STATES:
            raise TooManyStates(f"more than {MAX_WORD_STATES:,} states")
    accepting = {("", state) for state in words.accepting}
    return CharacterAutomaton(
        tuple(transitions), frozenset(number for each, number in states.items() if not accepting.isdisjoint(each))
    )


@lru_cache(256)
def compile_pattern(pattern: str) -> CharacterAutomaton:
    return character_automaton(parse_pattern(pattern))


def parse_pattern(text: str) -> Expression:
    tokens = [*pattern_tokens(text), ""]
    pattern = parse_alternation(tokens)
    assert tokens == [""], f"{tokens[0]} stands where nothing can"
    return pattern


def parse_alternation(tokens: list[str]) -> Expression:
    options = [parse_sequence(tokens)]
    while tokens[0] == "|":
        tokens.pop(0)
        options.append(parse_sequence(tokens))
    return alternation(options)


def parse_sequence(tokens: list[str]) -> Expression:
    parts: list[Expression] = []
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
            parts.append(sequence(one_of(character) for character in token[1:-1]))
        else:
            parts.append(one_of(token[1:-1]))
    return sequence(parts)


def one_of(members: str) -> CharacterSet:
    """A character of a class: single ones and ranges."""
    ranges = re.findall(r"(.)-(.)|(.)", members)
    return character_set((ord(low or single), ord(high or single)) for low, high, single in ranges)
