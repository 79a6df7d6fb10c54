"""Converts programs to flat arrays, and joins several."""

import numpy as np

from plait.foundation.cards.token_automaton.automaton import (
    CORNERS,
    COUNTED,
    EDGES,
    JOINS,
    TEXT,
    Automaton,
    Ints,
    StateColumns,
)
from plait.foundation.cards.token_automaton.characters import NUM_STATES as NO_TEXT
from plait.foundation.cards.token_automaton.compiler import (
    LEFT,
    NO_FLOOR,
    RIGHT,
    SPARE,
    TOP,
    BinEdge,
    GrammarProgram,
    GrammarState,
)

# Column values of a state without edges of that kind; -1 if irrelevant.
DEFAULT_COLUMNS = {
    "edge_kinds": 0,
    "utf8_state": NO_TEXT,  # a row that allows no text token
    **{"floor": NO_FLOOR, "ceiling": -1, "stored_counter": SPARE},  # no bin fits
    **{"id": -1, "counter": SPARE, "join_counter": SPARE},
}
# Columns with state numbers.
STATE_COLUMNS = ("text_base", "bin_next_state", "counted_next_state", "loop_state", "exit_state")
EDGE_COLUMNS = ("first", "last")  # columns with indices into the edges


def build_automaton(program: GrammarProgram, start_state: int) -> Automaton:
    """The arrays of a program. Its state 0 is the end."""
    size = program.alphabet.vocabulary.size
    edges = [(number, id, state.edges[id]) for number, state in enumerate(program.states) for id in sorted(state.edges)]
    states, ids, targets = np.array(edges, np.int64).T.copy()
    accepting = np.arange(len(program.states)) == 0
    starts = np.array([start_state])
    return Automaton(
        program.alphabet,
        states * size + ids,
        ids,
        targets,
        state_table(program),
        starts,
        accepting,
        program.num_counters,
    )


def state_table(program: GrammarProgram) -> Ints:
    """One row of `StateColumns` per state."""
    last = np.cumsum([len(state.edges) for state in program.states])
    first = np.concatenate([[0], last[:-1]])
    rows = [
        {**DEFAULT_COLUMNS, "first": start, "last": end, **state_columns(state)}
        for state, start, end in zip(program.states, first, last, strict=True)
    ]
    return np.array([[row.get(name, -1) for name in StateColumns._fields] for row in rows], np.int64)


def state_columns(state: GrammarState) -> dict[str, int]:
    """The content of a state by column."""
    kinds, values = EDGES * bool(state.edges), dict[str, int]()
    if text := state.text_edge:
        kinds |= TEXT
        values |= {"utf8_state": text.utf8_state, "text_base": text.first_state, "maximum_characters": text.maximum}
    if location := state.bin_edge:
        kinds |= CORNERS
        values |= location_columns(location)
    if counted_edge := state.counted_edge:
        kinds |= COUNTED
        values |= {
            "id": counted_edge.id,
            "counter": counted_edge.counter,
            "minimum_count": counted_edge.minimum,
            "counted_next_state": counted_edge.next_state,
        }
    if join := state.item_join:
        kinds |= JOINS
        values |= {
            "join_counter": join.counter,
            "join_maximum": join.maximum,
            "loop_state": join.loop_state,
            "exit_state": join.exit_state,
        }
    return {"edge_kinds": kinds, **values}


def location_columns(location: BinEdge) -> dict[str, int]:
    """The columns of a bin edge. Left and top are stored; the right and bottom must exceed them."""
    last, next_state = location.count - 1, location.next_state
    if location.corner in (LEFT, TOP):
        return {"floor": NO_FLOOR, "ceiling": last - 1, "stored_counter": location.corner, "bin_next_state": next_state}
    return {"floor": location.corner - RIGHT, "ceiling": last, "stored_counter": SPARE, "bin_next_state": next_state}


def join_automata(automata: list[Automaton]) -> Automaton:
    """One automaton for all grammars, numbered in this order. All must share one alphabet."""
    if len(automata) == 1:
        return automata[0]
    alphabet = automata[0].alphabet
    assert all(each.alphabet is alphabet for each in automata), "joined automata share their alphabet"
    states = np.cumsum([0, *(len(each.accepting) for each in automata)])
    edges = np.cumsum([0, *(len(each.keys) for each in automata)])
    shifted = [
        shift_automaton(each, *offsets) for each, *offsets in zip(automata, states[:-1], edges[:-1], strict=True)
    ]
    return Automaton(
        alphabet,
        np.concatenate([each.keys for each in shifted]),
        np.concatenate([each.ids for each in shifted]),
        np.concatenate([each.targets for each in shifted]),
        np.concatenate([each.table for each in shifted]),
        np.concatenate([each.starts for each in shifted]),
        np.concatenate([each.accepting for each in shifted]),
        max(each.num_counters for each in shifted),
    )


IS_STATE_COLUMN = np.array([name in STATE_COLUMNS for name in StateColumns._fields])
IS_EDGE_COLUMN = np.array([name in EDGE_COLUMNS for name in StateColumns._fields])


def shift_automaton(automaton: Automaton, state_offset: int, edge_offset: int) -> Automaton:
    """The automaton with its state and edge numbers shifted."""
    table = automaton.table + state_offset * (IS_STATE_COLUMN & (automaton.table >= 0)) + edge_offset * IS_EDGE_COLUMN
    return Automaton(
        automaton.alphabet,
        automaton.keys + state_offset * automaton.alphabet.vocabulary.size,
        automaton.ids,
        automaton.targets + state_offset,
        table,
        automaton.starts + state_offset,
        automaton.accepting,
        automaton.num_counters,
    )
