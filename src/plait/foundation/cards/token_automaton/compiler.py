"""Compiles a layout to a program: states with the ids that may follow, built from the end to the start.

Lists and texts are counted, not unrolled: one counter per nesting depth, one for characters, and two registers for the
left and top of a box. Nesting is static, so a state and a fixed number of counters describe a hypothesis completely.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.byte_automaton import byte_automaton
from plait.foundation.cards.token_automaton.characters import SPACE, TEXT_START
from plait.foundation.cards.token_automaton.layout import (
    ArrayLayout,
    BoxLayout,
    ChoiceLayout,
    ConstantLayout,
    Ids,
    Layout,
    MapLayout,
    ObjectLayout,
    SpelledLayout,
    TextLayout,
    TupleLayout,
)

# Counters: two store the corners of a box, one is always -1, one is never read, one counts characters; from ITEMS on,
# one per nesting depth of lists.
LEFT, TOP, NO_FLOOR, SPARE, CHARACTERS, ITEMS = range(6)
RIGHT, BOTTOM = 2, 3  # the corners after LEFT and TOP


@dataclass(frozen=True)
class CountedEdge:
    """An id that is allowed once a counter has reached `minimum`; it resets the counter."""

    id: int
    counter: int
    minimum: int
    next_state: int


@dataclass(frozen=True)
class TextEdge:
    """Any text token that fits: UTF-8 state, first of the next states, maximum number of characters."""

    utf8_state: int
    first_state: int
    maximum: int


@dataclass(frozen=True)
class BinEdge:
    """One of `count` bins, as a corner: LEFT, TOP, RIGHT, BOTTOM."""

    corner: int
    count: int
    next_state: int


@dataclass(frozen=True)
class ItemJoin:
    """The end of an item, passed without an id: on to the next item, or out of a full list."""

    counter: int
    maximum: int
    loop_state: int
    exit_state: int


@dataclass(frozen=True)
class GrammarState:
    """A state: single ids with their next states, and at most one edge of each other kind."""

    edges: dict[int, int] = field(default_factory=dict[int, int])
    counted_edge: CountedEdge | None = None
    text_edge: TextEdge | None = None
    bin_edge: BinEdge | None = None
    item_join: ItemJoin | None = None


@dataclass(eq=False)
class GrammarProgram:
    """States by number; 0 is the end, after which only padding follows."""

    alphabet: Alphabet
    states: list[GrammarState]
    num_counters: int = ITEMS

    def add_state(self, state: GrammarState) -> int:
        self.states.append(state)
        return len(self.states) - 1

    def entry_state(self, layout: Layout, next_state: int, depth: int = 0) -> GrammarState:
        """The start state of a value that is followed by `next_state`."""
        match layout:
            case BoxLayout(count):
                return self.box_state(count, next_state)
            case TextLayout():
                return self.text_state(layout, next_state)
            case SpelledLayout():
                return self.spelled_state(layout, next_state)
            case ObjectLayout(parts, order):
                for index in reversed(order[1:]):
                    next_state = self.add_state(self.entry_state(parts[index][1], next_state, depth))
                return (
                    self.entry_state(parts[order[0]][1], next_state, depth)
                    if order
                    else self.single_edge_state(self.close, next_state)
                )
            case ArrayLayout():
                return self.array_state(layout, next_state, depth)
            case TupleLayout(inner) | MapLayout(inner):
                return self.entry_state(inner, next_state, depth)
            case ChoiceLayout():
                return self.choice_state(layout, next_state, depth)
            case ConstantLayout(value):
                raise AssertionError(f"{value!r} is written by its lead")

    @property
    def close(self) -> int:
        return self.alphabet.vocabulary.close

    def single_edge_state(self, id: int, next_state: int) -> GrammarState:
        return GrammarState({id: next_state})

    def box_state(self, count: int, next_state: int) -> GrammarState:
        for corner in (BOTTOM, RIGHT, TOP):
            next_state = self.add_state(GrammarState(bin_edge=BinEdge(corner, count, next_state)))
        return GrammarState(bin_edge=BinEdge(LEFT, count, next_state))

    def text_state(self, layout: TextLayout, next_state: int) -> GrammarState:
        """One state per UTF-8 state; a text may end only in the first, between characters."""
        end, base = self.alphabet.vocabulary.end, len(self.states)
        end_edge = CountedEdge(end, CHARACTERS, layout.minimum, next_state)
        for utf8 in range(TEXT_START):
            self.add_state(
                GrammarState(text_edge=TextEdge(utf8, base, layout.maximum), counted_edge=None if utf8 else end_edge)
            )
        return GrammarState(
            {} if layout.minimum else {end: next_state}, text_edge=TextEdge(TEXT_START, base, layout.maximum)
        )

    def spelled_state(self, layout: SpelledLayout, next_state: int) -> GrammarState:
        """The character automaton as one over tokens. The text may start with a space, as words do."""
        base, end = len(self.states), self.alphabet.vocabulary.end
        pieces = layout.pieces(self.alphabet)
        ids = np.array([id for id, _ in pieces])
        automaton = byte_automaton(layout.automaton)
        for state, targets in enumerate(automaton.walk_all([piece for _, piece in pieces])):
            ends = {end: next_state} if state in layout.automaton.accepting else {}
            self.add_state(GrammarState({**ends, **edges_to(targets, ids, base)}))
        first_targets = automaton.walk_all([piece.removeprefix(SPACE) for _, piece in pieces])[0]
        first_ends = {end: next_state} if 0 in layout.automaton.accepting else {}
        return GrammarState({**first_ends, **edges_to(first_targets, ids, base)})

    def array_state(self, layout: ArrayLayout, next_state: int, depth: int) -> GrammarState:
        """A list; its counter is 0 at the start, because every way out of a list resets it."""
        if not layout.maximum:
            return self.single_edge_state(self.close, next_state)
        counter = ITEMS + depth
        self.num_counters = max(self.num_counters, counter + 1)
        head, join = self.add_state(GrammarState()), self.add_state(GrammarState())
        item = self.entry_state(layout.item, join, depth + 1)
        if layout.announced:
            item = self.single_edge_state(self.alphabet.vocabulary.true, self.add_state(item))
        self.states[head] = replace(item, counted_edge=CountedEdge(self.close, counter, layout.minimum, next_state))
        self.states[join] = GrammarState(item_join=ItemJoin(counter, layout.maximum, head, next_state))
        return item if layout.minimum else replace(item, edges={**item.edges, self.close: next_state})

    def choice_state(self, layout: ChoiceLayout, next_state: int, depth: int) -> GrammarState:
        """Options with a prefix as a trie, merged with the options that have none."""
        state = self.trie(
            [(prefix, self.state_after_prefix(inner, next_state, depth)) for prefix, inner in layout.by_prefix.items()]
        )
        for option in layout.options:
            if not option.prefix:
                state = merge_states(state, self.entry_state(option.layout, next_state, depth))
        return state

    def state_after_prefix(self, layout: Layout, next_state: int, depth: int) -> int:
        return (
            next_state
            if isinstance(layout, ConstantLayout)
            else self.add_state(self.entry_state(layout, next_state, depth))
        )

    def trie(self, prefixes: list[tuple[Ids, int]]) -> GrammarState:
        """A trie of prefixes, each leading to its next state."""
        root = GrammarState()
        for word, next_state in prefixes:
            state = root
            for id in word[:-1]:
                if id not in state.edges:
                    state.edges[id] = self.add_state(GrammarState())
                state = self.states[state.edges[id]]
            state.edges[word[-1]] = next_state
        return root


def edges_to(targets: NDArray[np.int32], ids: NDArray[np.int64], base: int) -> dict[int, int]:
    """The ids that may follow, each with its state; `base` is the number of the first."""
    known = np.flatnonzero(targets >= 0)
    return dict(zip(ids[known].tolist(), (targets[known] + base).tolist(), strict=True))


def merge_states(one: GrammarState, other: GrammarState) -> GrammarState:
    """The union of two states that share no id."""
    return GrammarState(
        {**one.edges, **other.edges},
        text_edge=one.text_edge or other.text_edge,
        bin_edge=one.bin_edge or other.bin_edge,
    )


def compile_program(layout: Layout, alphabet: Alphabet) -> tuple[GrammarProgram, int]:
    """The program, and its start state."""
    program = GrammarProgram(alphabet, [GrammarState({alphabet.vocabulary.pad: 0})])
    return program, program.add_state(program.entry_state(layout, 0))
