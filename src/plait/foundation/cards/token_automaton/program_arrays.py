"""Programs as flat arrays, and several of them as one."""

import numpy as np

from plait.foundation.cards.token_automaton.automaton import (
    CORNERS,
    COUNTED,
    EDGES,
    JOINS,
    TEXT,
    Automaton,
    Columns,
    Ints,
)
from plait.foundation.cards.token_automaton.characters import STATES as NO_TEXT
from plait.foundation.cards.token_automaton.compiler import LEFT, NO_FLOOR, RIGHT, SPARE, TOP, Location, Program, State

# What a column holds where a state has nothing of its kind; -1 where it does not matter.
NOTHING = {
    "kinds": 0,
    "utf8": NO_TEXT,  # its row admits no piece
    **{"floor": NO_FLOOR, "ceiling": -1, "kept": SPARE},  # no location fits
    **{"id": -1, "counter": SPARE, "joins": SPARE},
}
STATES = ("base", "beyond", "then", "again", "out")  # columns that hold numbers of states
PLACES = ("first", "last")  # columns that hold places among the edges


def flat(program: Program, start: int) -> Automaton:
    """A program as arrays. Its state 0 is the end."""
    size = program.alphabet.symbols.size
    edges = [(number, id, state.ids[id]) for number, state in enumerate(program.states) for id in sorted(state.ids)]
    states, ids, targets = np.array(edges, np.int64).T.copy()
    over = np.arange(len(program.states)) == 0
    starts = np.array([start])
    return Automaton(
        program.alphabet, states * size + ids, ids, targets, table(program), starts, over, program.counters
    )


def table(program: Program) -> Ints:
    """A row of `Columns` for each state."""
    last = np.cumsum([len(state.ids) for state in program.states])
    first = np.concatenate([[0], last[:-1]])
    rows = [
        {**NOTHING, "first": begin, "last": end, **row(state)}
        for state, begin, end in zip(program.states, first, last, strict=True)
    ]
    return np.array([[row.get(name, -1) for name in Columns._fields] for row in rows], np.int64)


def row(state: State) -> dict[str, int]:
    """What a state has, by column."""
    kinds, found = EDGES * bool(state.ids), dict[str, int]()
    if pieces := state.pieces:
        kinds |= TEXT
        found |= {"utf8": pieces.utf8, "base": pieces.base, "most": pieces.most}
    if location := state.location:
        kinds |= CORNERS
        found |= corner(location)
    if counted := state.counted:
        kinds |= COUNTED
        found |= {"id": counted.id, "counter": counted.counter, "least": counted.least, "then": counted.then}
    if join := state.join:
        kinds |= JOINS
        found |= {"joins": join.counter, "full": join.most, "again": join.again, "out": join.out}
    return {"kinds": kinds, **found}


def corner(location: Location) -> dict[str, int]:
    """Left and top are kept and leave room for the corner beyond them, which must exceed them."""
    last, beyond = location.count - 1, location.then
    if location.corner in (LEFT, TOP):
        return {"floor": NO_FLOOR, "ceiling": last - 1, "kept": location.corner, "beyond": beyond}
    return {"floor": location.corner - RIGHT, "ceiling": last, "kept": SPARE, "beyond": beyond}


def joined(automata: list[Automaton]) -> Automaton:
    """One automaton for all of their grammars, numbered in this order; made over the same alphabet."""
    if len(automata) == 1:
        return automata[0]
    alphabet = automata[0].alphabet
    assert all(each.alphabet is alphabet for each in automata), "joined automata share their alphabet"
    states = np.cumsum([0, *(len(each.over) for each in automata)])
    edges = np.cumsum([0, *(len(each.keys) for each in automata)])
    moved = [shifted(each, *behind) for each, *behind in zip(automata, states[:-1], edges[:-1], strict=True)]
    return Automaton(
        alphabet,
        np.concatenate([each.keys for each in moved]),
        np.concatenate([each.ids for each in moved]),
        np.concatenate([each.targets for each in moved]),
        np.concatenate([each.table for each in moved]),
        np.concatenate([each.starts for each in moved]),
        np.concatenate([each.over for each in moved]),
        max(each.counters for each in moved),
    )


OF_STATES = np.array([name in STATES for name in Columns._fields])
OF_PLACES = np.array([name in PLACES for name in Columns._fields])


def shifted(automaton: Automaton, states: int, edges: int) -> Automaton:
    """The same behind so many states and edges of others."""
    table = automaton.table + states * (OF_STATES & (automaton.table >= 0)) + edges * OF_PLACES
    return Automaton(
        automaton.alphabet,
        automaton.keys + states * automaton.alphabet.symbols.size,
        automaton.ids,
        automaton.targets + states,
        table,
        automaton.starts + states,
        automaton.over,
        automaton.counters,
    )
