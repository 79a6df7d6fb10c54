"""A short text of a regular expression, for examples of values."""

from plait.core.grammar.character_automaton import CharacterAutomaton
from plait.core.grammar.expression import (
    Alternation,
    CharacterSet,
    Expression,
    Ranges,
    Repetition,
    Sequence,
    minimum_length,
)
from plait.core.grammar.expression_bounds import bounded_expression

PREFERRED = "a0A-"  # characters that people expect in an example


def shortest_text(pattern: str, minimum: int, maximum: int) -> str:
    """A text of the pattern with at least `minimum` characters and few more. Raises UnsupportedPattern."""
    bounded = bounded_expression(pattern, minimum, maximum)
    return shortest_walk(bounded) if isinstance(bounded, CharacterAutomaton) else spell(bounded)


def spell(expression: Expression) -> str:
    match expression:
        case CharacterSet(ranges):
            return character_in(ranges)
        case Sequence(parts):
            return "".join(map(spell, parts))
        case Alternation(options):
            return spell(min(options, key=minimum_length))
        case Repetition(inner, minimum, _):
            return spell(inner) * minimum


def shortest_walk(automaton: CharacterAutomaton) -> str:
    """The text of a shortest way to an accepting state."""
    texts = {0: ""}
    for state in (order := [0]):
        if state in automaton.accepting:
            return texts[state]
        for low, high, target in automaton.transitions[state]:
            if target not in texts:
                texts[target] = texts[state] + character_in(((low, high),))
                order.append(target)
    raise AssertionError("an automaton without dead ends accepts a text")


def character_in(ranges: Ranges) -> str:
    allowed = CharacterSet(ranges)
    return next((each for each in PREFERRED if ord(each) in allowed), chr(ranges[0][0]))
