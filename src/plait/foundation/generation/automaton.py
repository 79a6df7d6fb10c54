"""Which ids may follow, for a whole batch of hypotheses at once: flat arrays, no Python for each of them.

An `Automaton` is compiled from core grammars, any number of them joined. A hypothesis is the number of a state and a
few counters. A step is a lookup among all edges, sorted by state and id, and some arithmetic for what is counted: the
characters of a text, the items of a list, the corners of a box beyond the first two.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from plait.foundation.generation.alphabet import Alphabet
from plait.foundation.generation.characters import STATES as NO_TEXT
from plait.foundation.generation.compiling import CHARACTERS, RIGHT
from plait.foundation.generation.reading import NotAdmitted

Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
EDGES, COUNTED, TEXT, CORNERS, JOINS = 1, 2, 4, 8, 16  # bits of `Table.kinds`


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """Where each stands: `state` (batch) and `counters` (batch, counters)."""

    state: Ints
    counters: Ints

    def __getitem__(self, rows: Ints) -> "Hypotheses":
        """Those of these rows, as often as they are named: what a beam keeps."""
        return Hypotheses(self.state[rows], self.counters[rows])


@dataclass(frozen=True, eq=False)
class Table:
    """A row for each state (`plait.foundation.generation.compiling.State`); -1 where it has nothing of the kind, and
    NO_TEXT for `utf8`, whose row admits no piece. Edges of a state stand from `first` to `last`.
    """

    kinds: Ints
    first: Ints
    last: Ints
    utf8: Ints
    base: Ints
    most: Ints
    corner: Ints
    count: Ints
    beyond: Ints
    id: Ints
    counter: Ints
    least: Ints
    then: Ints
    joins: Ints
    full: Ints
    again: Ints
    out: Ints


@dataclass(frozen=True, eq=False)
class Automaton:
    """`keys` are the edges, state times size of the table of ids plus id, sorted; `ids` their ids, `targets` the states
    behind them. `starts` are the first states of the grammars, `over` tells the states where an answer is whole.
    """

    alphabet: Alphabet
    keys: Ints
    ids: Ints
    targets: Ints
    table: Table
    starts: Ints
    over: Mask
    counters: int

    def start(self, grammars: Ints) -> Hypotheses:
        """Hypotheses that begin, each in the grammar of that number."""
        return Hypotheses(self.starts[grammars], np.zeros((len(grammars), self.counters), np.int64))

    def done(self, at: Hypotheses) -> Mask:
        """Which answers are whole; only padding follows."""
        return self.over[at.state]

    def allowed(self, at: Hypotheses) -> Mask:
        """Which ids may follow, (batch, size). There is always one."""
        state, table, kinds = at.state, self.table, self.kinds(at.state)
        mask = self.alphabet.characters.follows[table.utf8[state]]
        if kinds & TEXT:
            self.leave_room(at, mask)
        if kinds & EDGES:
            many = table.last[state] - table.first[state]
            places = np.arange(many.sum()) + np.repeat(table.last[state] - many.cumsum(), many)
            mask[np.repeat(np.arange(len(state)), many), self.ids[places]] = True
        if kinds & COUNTED:
            rows = self.reached(at, table.id[state])
            mask[rows, table.id[state[rows]]] = True
        if kinds & CORNERS:
            bins = self.alphabet.symbols.bins
            rows, least, most = self.between(at)
            count = np.arange(len(bins))
            mask[rows, bins.start : bins.stop] = (count >= least[:, None]) & (count <= most[:, None])
        return mask

    def kinds(self, state: Ints) -> int:
        """What there is in any of the states: most steps need no more than one kind of arithmetic."""
        return int(np.bitwise_or.reduce(self.table.kinds[state]))

    def leave_room(self, at: Hypotheses, mask: Mask) -> None:
        """Takes out pieces in which more characters begin than are left; seldom, since few texts are near their end."""
        text, left = self.alphabet.characters, self.table.most[at.state] - at.counters[:, CHARACTERS]
        rows = np.flatnonzero((left < text.longest) & (self.table.utf8[at.state] < NO_TEXT))
        if len(rows):
            mask[rows] &= text.begun[self.table.utf8[at.state[rows]]] <= left[rows, None]

    def reached(self, at: Hypotheses, ids: Ints) -> Ints:
        """The rows where the id ends what is counted, and enough of it is there."""
        table, state = self.table, at.state
        enough = at.counters[np.arange(len(state)), table.counter[state]] >= table.least[state]
        return np.flatnonzero((ids == table.id[state]) & (table.id[state] >= 0) & enough)

    def between(self, at: Hypotheses) -> tuple[Ints, Ints, Ints]:
        """The rows where a location follows, with the first and the last one: left and top leave room for the corner
        beyond them.
        """
        rows = np.flatnonzero(self.table.corner[at.state] >= 0)
        corner, last = self.table.corner[at.state[rows]], self.table.count[at.state[rows]] - 1
        beyond = corner >= RIGHT
        before = at.counters[rows, corner - RIGHT * beyond]
        return rows, (before + 1) * beyond, last - ~beyond

    def next(self, at: Hypotheses, ids: Ints) -> Hypotheses:
        """Where each stands behind its id. Raises NotAdmitted where one may not follow."""
        tried = self.tried(at, ids)
        if tried.state.min(initial=0) < 0:
            row = int(tried.state.argmin())
            raise NotAdmitted(f"id {ids[row]} may not follow in row {row} of the batch")
        return self.counted(tried)

    def tried(self, at: Hypotheses, ids: Ints) -> Hypotheses:
        """What `next` gives once it is `counted`; with the state -1 in the rows where the id may not follow."""
        state, table, kinds = at.state, self.table, self.kinds(at.state)
        then, counters = np.full(len(state), -1), at.counters.copy()
        if kinds & EDGES:
            key = state * self.alphabet.symbols.size + ids
            place = np.minimum(self.keys.searchsorted(key), len(self.keys) - 1)
            then = np.where(self.keys[place] == key, self.targets[place], -1)
        if kinds & COUNTED:
            rows = self.reached(at, ids)
            then[rows] = table.then[state[rows]]
            counters[rows, table.counter[state[rows]]] = 0
        if kinds & TEXT:
            self.write(at, ids, then, counters)
        if kinds & CORNERS:
            self.locate(at, ids, then, counters)
        return Hypotheses(then, counters)

    def write(self, at: Hypotheses, ids: Ints, then: Ints, counters: Ints) -> None:
        """Pieces of text: the characters that begin in them are counted."""
        text, utf8 = self.alphabet.characters, self.table.utf8[at.state]
        lands, count = text.lands[utf8, ids], counters[:, CHARACTERS] + text.begun[utf8, ids]
        rows = np.flatnonzero((lands >= 0) & (count <= self.table.most[at.state]))
        then[rows] = self.table.base[at.state[rows]] + lands[rows]
        counters[rows, CHARACTERS] = count[rows]

    def locate(self, at: Hypotheses, ids: Ints, then: Ints, counters: Ints) -> None:
        """Locations: left and top are kept for the corner beyond them."""
        rows, least, most = self.between(at)
        bins = ids[rows] - self.alphabet.symbols.bins.start
        fits = (bins >= least) & (bins <= most)
        rows, bins = rows[fits], bins[fits]
        corner = self.table.corner[at.state[rows]]
        then[rows] = self.table.beyond[at.state[rows]]
        kept = corner < RIGHT
        counters[rows[kept], corner[kept]] = bins[kept]

    def counted(self, at: Hypotheses) -> Hypotheses:
        """Items that have just ended are counted; what ends with them may end an item of a list around."""
        table, state, counters = self.table, at.state, at.counters
        while self.kinds(state) & JOINS:
            rows = np.flatnonzero(table.joins[state] >= 0)
            join = state[rows]
            counter = table.joins[join]
            counters[rows, counter] += 1
            full = counters[rows, counter] == table.full[join]
            counters[rows[full], counter[full]] = 0
            state[rows] = np.where(full, table.out[join], table.again[join])
        return at


def along(automaton: Automaton, grammars: Ints, ids: Ints) -> Mask:
    """Which ids may stand at each place of answers that are known, (batch, length, size): what a loss is taken over.

    `ids` (batch, length) are padded behind their ends. Raises NotAdmitted.
    """
    at, masks = automaton.start(grammars), list[Mask]()
    for step in ids.T:
        masks.append(automaton.allowed(at))
        at = automaton.next(at, step)
    return np.stack(masks, axis=1)


def forced(allowed: Mask) -> Ints:
    """The id that follows where only one may, so that no model need be asked; else -1."""
    return np.where(allowed.sum(1) == 1, allowed.argmax(1), -1)
