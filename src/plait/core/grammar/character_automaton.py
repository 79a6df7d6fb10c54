"""Regular expressions as deterministic automata over characters.

A state is the set of positions in the expression that may follow (Glushkov, Russ. Math. Surv. 16, 1961), with whether
a text may be over.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from plait.core.grammar.expression import Alternation, CharacterSet, Expression, Repetition, Sequence

MAX_POSITIONS = 1_000


class TooManyStates(ValueError):
    """The automaton of an expression would be larger than its limit."""


@dataclass(frozen=True)
class CharacterAutomaton:
    """`transitions[state]` are ranges of code points, each with the state behind it; ranges of a state are disjoint. A
    text may be over in the `accepting` states. State 0 is the first.
    """

    transitions: tuple[tuple[tuple[int, int, int], ...], ...]
    accepting: frozenset[int]

    @property
    def characters(self) -> set[str]:
        """All characters that a text may have: for automata with few."""
        return {chr(code) for step in self.transitions for low, high, _ in step for code in range(low, high + 1)}

    def walk(self, state: int, text: str) -> int:
        """The state behind a text; -1 where it cannot stand there."""
        for character in text:
            code = ord(character)
            step = self.transitions[state] if state >= 0 else ()
            state = next((target for low, high, target in step if low <= code <= high), -1)
        return state

    def matches(self, text: str) -> bool:
        return self.walk(0, text) in self.accepting


@dataclass(frozen=True)
class Fragment:
    """Part of an expression: the positions where its texts may begin and end."""

    nullable: bool
    first: frozenset[int]
    last: frozenset[int]


NOTHING = Fragment(True, frozenset(), frozenset())


@dataclass
class Positions:
    """The characters of an expression, repetitions written out, and which of them may follow each."""

    maximum: int
    sets: list[CharacterSet] = field(default_factory=list[CharacterSet])
    follow: list[set[int]] = field(default_factory=list[set[int]])

    def fragment(self, expression: Expression) -> Fragment:
        match expression:
            case CharacterSet():
                if len(self.sets) >= self.maximum:
                    raise TooManyStates(f"more than {self.maximum:,} characters, repetitions written out")
                self.sets.append(expression)
                self.follow.append(set())
                position = frozenset([len(self.sets) - 1])
                return Fragment(False, position, position)
            case Sequence(parts):
                whole = NOTHING
                for part in parts:
                    whole = self.connect(whole, self.fragment(part))
                return whole
            case Alternation(options):
                fragments = [self.fragment(option) for option in options]
                first = frozenset[int]().union(*(each.first for each in fragments))
                last = frozenset[int]().union(*(each.last for each in fragments))
                return Fragment(any(each.nullable for each in fragments), first, last)
            case Repetition():
                return self.repetition(expression)

    def connect(self, one: Fragment, other: Fragment) -> Fragment:
        for position in one.last:
            self.follow[position] |= other.first
        return Fragment(
            one.nullable and other.nullable,
            one.first | other.first if one.nullable else one.first,
            one.last | other.last if other.nullable else other.last,
        )

    def repetition(self, expression: Repetition) -> Fragment:
        """The least number of copies, then optional ones, or one that may come again."""
        minimum, maximum = expression.minimum, expression.maximum
        whole = NOTHING
        for _ in range(minimum if maximum is not None else max(minimum - 1, 0)):
            whole = self.connect(whole, self.fragment(expression.expression))
        if maximum is None:
            loop = self.fragment(expression.expression)
            self.connect(loop, loop)
            return self.connect(whole, replace(loop, nullable=loop.nullable or not minimum))
        for _ in range(maximum - minimum):
            whole = self.connect(whole, replace(self.fragment(expression.expression), nullable=True))
        return whole


def character_automaton(expression: Expression, max_states: int = 10_000) -> CharacterAutomaton:
    """States in the order they are found. Raises TooManyStates."""
    positions = Positions(MAX_POSITIONS)
    whole = positions.fragment(expression)
    start = (whole.first, whole.nullable)
    states = {start: 0}
    steps: list[tuple[tuple[int, int, int], ...]] = []
    for state in (ordered := [start]):
        step: list[tuple[int, int, int]] = []
        for low, high, here in distinguishable_ranges(state[0], positions.sets):
            following = frozenset[int]().union(*(positions.follow[position] for position in here))
            target = (following, not whole.last.isdisjoint(here))
            if target not in states:
                if len(states) >= max_states:
                    raise TooManyStates(f"more than {max_states:,} states")
                states[target] = len(states)
                ordered.append(target)
            step.append((low, high, states[target]))
        steps.append(tuple(step))
    return CharacterAutomaton(tuple(steps), frozenset(number for (_, ends), number in states.items() if ends))


def distinguishable_ranges(
    following: frozenset[int], sets: list[CharacterSet]
) -> Iterator[tuple[int, int, frozenset[int]]]:
    """Ranges of characters, each with the positions where all of its characters may stand."""
    by_set: dict[CharacterSet, list[int]] = {}
    for position in following:
        by_set.setdefault(sets[position], []).append(position)
    cuts = sorted({cut for each in by_set for low, high in each.ranges for cut in (low, high + 1)})
    for start, end in itertools.pairwise(cuts):
        here = frozenset(position for each, places in by_set.items() if start in each for position in places)
        if here:
            yield start, end - 1, here


def limit_length(automaton: CharacterAutomaton, minimum: int, maximum: int, max_states: int) -> CharacterAutomaton:
    """The texts of `minimum` to `maximum` characters, without dead ends: a state for each state and length.

    Narrower where more than `max_states` would be needed: longer texts are left out. Raises TooManyStates where no
    text is left.
    """
    layers: list[set[int]] = [{0}]
    size = 1
    while len(layers) <= maximum and layers[-1]:
        following = {target for state in layers[-1] for _, _, target in automaton.transitions[state]}
        size += len(following)
        if size > max_states:
            break
        layers.append(following)
    alive = live_states(automaton, layers, minimum)
    if (0, 0) not in alive:
        raise TooManyStates(f"no text of {minimum} to {maximum} characters fits into {max_states:,} states")
    numbers = {state: number for number, state in enumerate(sorted(alive))}
    steps = tuple(
        tuple(
            (low, high, numbers[length + 1, target])
            for low, high, target in automaton.transitions[state]
            if (length + 1, target) in numbers
        )
        for length, state in sorted(alive)
    )
    accepting = frozenset(
        number for (length, state), number in numbers.items() if length >= minimum and state in automaton.accepting
    )
    return CharacterAutomaton(steps, accepting)


def live_states(automaton: CharacterAutomaton, layers: list[set[int]], minimum: int) -> set[tuple[int, int]]:
    """Pairs of length and state from which an end can be reached."""
    alive: set[tuple[int, int]] = set()
    for length in reversed(range(len(layers))):
        for state in layers[length]:
            ends = length >= minimum and state in automaton.accepting
            if ends or any((length + 1, target) in alive for _, _, target in automaton.transitions[state]):
                alive.add((length, state))
    return alive
