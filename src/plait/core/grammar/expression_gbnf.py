"""Regular expressions in GBNF, as JSON strings or as bare text."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby

from plait.core.grammar.ast import RegularExpression
from plait.core.grammar.character_automaton import CharacterAutomaton
from plait.core.grammar.expression import (
    MAX_CODE,
    Alternation,
    CharacterSet,
    Expression,
    Ranges,
    Repetition,
    Sequence,
    character_set,
    complement,
    intersection,
)
from plait.core.grammar.expression_bounds import bounded_expression
from plait.core.grammar.gbnf import quote_literal
from plait.core.values.json_text import dumps

# JSON writes these with a backslash; every other character that a text may have stands for itself.
JSON_ESCAPES = {9: "t", 10: "n", 34: '"', 92: "\\"}
UNESCAPED = complement(((9, 10), (34, 34), (92, 92)))
CONTROLS: Ranges = ((0, 8), (11, 31), (0x7F, 0x9F))
CLASS_ESCAPES = {code: f"\\x{code:02X}" for code in (9, 10, *map(ord, '"-[\\]^'))}


def bounded_text_pattern(pattern: RegularExpression, bare: bool, rule_name: Callable[[str], str]) -> str:
    bounded = bounded_expression(pattern.pattern, pattern.minimum, pattern.maximum)
    if isinstance(bounded, CharacterAutomaton):
        return automaton_pattern(bounded, bare, rule_name)
    return expression_pattern(bounded, bare)


def expression_pattern(expression: Expression, bare: bool) -> str:
    match expression:
        case CharacterSet(ranges):
            return (
                next(sequence_patterns((expression,), bare))
                if is_one_character(expression)
                else set_pattern(ranges, bare)
            )
        case Sequence(parts):
            return " ".join(sequence_patterns(parts, bare)) or '""'
        case Alternation(options):
            return f"({' | '.join(expression_pattern(option, bare) for option in options)})"
        case Repetition(inner, minimum, maximum):
            assert maximum is not None, "a repetition without end"
            times = f"{{{minimum},{maximum}}}" if minimum != maximum else f"{{{minimum}}}"
            return f"{grouped(expression_pattern(inner, bare), inner)}{times}"


def sequence_patterns(parts: tuple[Expression, ...], bare: bool) -> Iterator[str]:
    """Patterns of the parts; characters in a row are one literal."""
    for word, group in groupby(parts, is_one_character):
        if word:
            text = "".join(chr(part.ranges[0][0]) for part in group if isinstance(part, CharacterSet))
            yield quote_literal(text if bare else dumps(text)[1:-1])
        else:
            yield from (expression_pattern(part, bare) for part in group)


def is_one_character(expression: Expression) -> bool:
    match expression:
        case CharacterSet(((low, high),)):
            return low == high
        case _:
            return False


def grouped(pattern: str, expression: Expression) -> str:
    return f"({pattern})" if isinstance(expression, Sequence) else pattern


@lru_cache(1_000)
def set_pattern(ranges: Ranges, bare: bool) -> str:
    """One character of a set: those that JSON escapes are alternatives."""
    if bare:
        return class_pattern(ranges)
    escaped = [letter for code, letter in JSON_ESCAPES.items() if any(low <= code <= high for low, high in ranges)]
    plain = intersection(ranges, UNESCAPED)
    options = [class_pattern(plain)] if plain else []
    if escaped:
        options.append('"\\\\" ' + class_pattern(character_set((ord(each), ord(each)) for each in escaped).ranges))
    return options[0] if len(options) == 1 and plain else f"({' | '.join(options)})"


def class_pattern(ranges: Ranges) -> str:
    """A class of GBNF; those without end are written as what is left out, control characters included."""
    if ranges[-1][1] < MAX_CODE:
        return f"[{''.join(map(range_text, ranges))}]"
    outside = intersection(complement(ranges), ((0, 0xD7FF), (0xE000, MAX_CODE)))
    return f"[^{''.join(map(range_text, character_set((*outside, *CONTROLS)).ranges))}]"


def range_text(pair: tuple[int, int]) -> str:
    low, high = pair
    return character_text(low) + (f"-{character_text(high)}" if high > low else "")


def character_text(code: int) -> str:
    if code in CLASS_ESCAPES or code < 32 or 126 < code < 256:
        return f"\\x{code:02X}"
    return chr(code) if code < 127 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def automaton_pattern(automaton: CharacterAutomaton, bare: bool, rule_name: Callable[[str], str]) -> str:
    """A rule for each state from which several texts go on. Transitions lead to later states alone."""
    patterns: dict[int, str] = {}
    for state in reversed(range(len(automaton.transitions))):
        by_target: dict[int, list[tuple[int, int]]] = {}
        for low, high, target in automaton.transitions[state]:
            by_target.setdefault(target, []).append((low, high))
        options = [
            f"{expression_pattern(character_set(ranges), bare)} {patterns[target]}".rstrip()
            for target, ranges in by_target.items()
        ]
        body = " | ".join(options)
        if state in automaton.accepting and options:
            body = f"({body})?"
        patterns[state] = rule_name(body) if len(options) > 1 or body.endswith("?") else body
    return patterns[0] or '""'
