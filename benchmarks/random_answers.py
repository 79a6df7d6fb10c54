"""Random JSON values of a grammar, as a model without any knowledge would write them."""

import random
from datetime import date, timedelta
from functools import lru_cache

from plait.core.grammar.ast import (
    Array,
    Choice,
    DateTime,
    Grammar,
    Integer,
    Literal,
    Number,
    Object,
    RegularExpression,
    Text,
)
from plait.core.grammar.character_automaton import CharacterAutomaton, character_automaton, limit_length
from plait.core.grammar.expression import minimum_length
from plait.core.grammar.numbers import STEP, representable_bounds
from plait.core.grammar.regular_expression import regular_expression
from plait.core.values.json_value import Json

CHARACTERS = "abcXYZ 019-_./\\\"'{}[]éß中文😀\n\t"
MORE = 6  # characters or items above the minimum


def random_answer(grammar: Grammar, draw: random.Random) -> Json:
    match grammar:
        case Literal(value):
            return value
        case Choice(options):
            return random_answer(draw.choice(options), draw)
        case Object(fields, optional):
            chosen = [(name, inner) for name, inner in fields if name not in optional or draw.random() < 0.5]
            return {name: random_answer(inner, draw) for name, inner in chosen}
        case Array(item, minimum, maximum):
            count = draw.randint(minimum, min(maximum, minimum + MORE))
            return [random_answer(item, draw) for _ in range(count)]
        case Text(minimum, maximum):
            count = draw.randint(minimum, min(maximum, minimum + MORE))
            return "".join(draw.choice(CHARACTERS) for _ in range(count))
        case RegularExpression(pattern, minimum, maximum):
            return random_text(automaton(pattern, minimum, min(maximum, 60)), draw)
        case Integer(minimum, maximum):
            return draw.choice([minimum, maximum, draw.randint(minimum, maximum)])
        case Number():
            return random_number(grammar, draw)
        case DateTime(form, zone):
            return random_moment(form, zone, draw)
        case _:
            raise AssertionError(f"no part of a JSON Schema: {grammar}")


def random_number(grammar: Number, draw: random.Random) -> float:
    low, high = representable_bounds(grammar.minimum, grammar.maximum, grammar.above, grammar.below)
    return float(low + draw.randint(0, int((high - low) / STEP)) * STEP)


def random_moment(form: str, zone: str, draw: random.Random) -> str:
    day = (date(1, 1, 1) + timedelta(days=draw.randrange(3_652_059))).isoformat()
    clock = f"{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}"
    offset = draw.choice(["Z", "+05:30", "-23:59"]) if zone == "required" else ""
    return {"date": day, "time": clock + offset, "datetime": f"{day}T{clock}{offset}"}[form]


@lru_cache(10_000)
def automaton(pattern: str, minimum: int, maximum: int) -> CharacterAutomaton:
    expression = regular_expression(pattern)
    shortest = max(minimum, minimum_length(expression))
    return limit_length(character_automaton(expression), minimum, max(shortest, maximum), 100_000)


def random_text(states: CharacterAutomaton, draw: random.Random) -> str:
    text, state = "", 0
    while (step := states.transitions[state]) and not (state in states.accepting and draw.random() < 0.2):
        low, high, state = draw.choice(step)
        text += chr(draw.randint(low, min(high, low + 200)))
    return text
