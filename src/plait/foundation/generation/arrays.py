"""Programs as flat arrays, and several of them as one."""

from dataclasses import fields

import numpy as np

from plait.foundation.generation.automaton import CORNERS, COUNTED, EDGES, JOINS, TEXT, Automaton, Ints, Table
from plait.foundation.generation.characters import STATES as NO_TEXT
from plait.foundation.generation.compiling import Program, State

COLUMNS = tuple(column.name for column in fields(Table))
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


def table(program: Program) -> Table:
    columns = {name: np.full(len(program.states), -1, np.int64) for name in COLUMNS}
    columns["utf8"][:] = NO_TEXT
    columns["last"] = np.cumsum([len(state.ids) for state in program.states])
    columns["first"] = np.concatenate([[0], columns["last"][:-1]])
    for number, state in enumerate(program.states):
        for name, value in row(state).items():
            columns[name][number] = value
    return Table(**columns)


def row(state: State) -> dict[str, int]:
    """What a state has, by column."""
    kinds, found = EDGES * bool(state.ids), dict[str, int]()
    if pieces := state.pieces:
        kinds |= TEXT
        found |= {"utf8": pieces.utf8, "base": pieces.base, "most": pieces.most}
    if location := state.location:
        kinds |= CORNERS
        found |= {"corner": location.corner, "count": location.count, "beyond": location.then}
    if counted := state.counted:
        kinds |= COUNTED
        found |= {"id": counted.id, "counter": counted.counter, "least": counted.least, "then": counted.then}
    if join := state.join:
        kinds |= JOINS
        found |= {"joins": join.counter, "full": join.most, "again": join.again, "out": join.out}
    return {"kinds": kinds, **found}


def joined(automata: list[Automaton]) -> Automaton:
    """One automaton for all of their grammars, numbered in this order; made over the same alphabet."""
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
        Table(**{name: np.concatenate([getattr(each.table, name) for each in moved]) for name in COLUMNS}),
        np.concatenate([each.starts for each in moved]),
        np.concatenate([each.over for each in moved]),
        max(each.counters for each in moved),
    )


def shifted(automaton: Automaton, states: int, edges: int) -> Automaton:
    """The same behind so many states and edges of others."""
    columns: dict[str, Ints] = {name: getattr(automaton.table, name) for name in COLUMNS}
    columns |= {name: columns[name] + states * (columns[name] >= 0) for name in STATES}
    columns |= {name: columns[name] + edges for name in PLACES}
    return Automaton(
        automaton.alphabet,
        automaton.keys + states * automaton.alphabet.symbols.size,
        automaton.ids,
        automaton.targets + states,
        Table(**columns),
        automaton.starts + states,
        automaton.over,
        automaton.counters,
    )
