"""Which ids may follow, for a whole batch of hypotheses at once: flat arrays, no Python for each of them.

An `Automaton` is compiled from core grammars, any number of them joined. A hypothesis is the number of a state and a
few counters. A step is a lookup among all edges, sorted by state and id, and some arithmetic for what is counted: the
characters of a text, the items of a list, the corners of a box beyond the first two.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.characters import NUM_STATES as NO_TEXT
from plait.foundation.cards.token_automaton.compiler import CHARACTERS, NO_FLOOR, SPARE
from plait.foundation.cards.token_automaton.parsing import GrammarMismatch

Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
EDGES, COUNTED, TEXT, CORNERS, JOINS = 1, 2, 4, 8, 16  # bits of `Columns.kinds`
KINDS_COLUMN = 0  # the place of that column


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """Where each stands: `state` (batch) and `counters` (batch, counters)."""

    state: Ints
    counters: Ints

    def __getitem__(self, rows: Ints) -> "Hypotheses":
        """Those of these rows, as often as they are named: what a beam keeps."""
        return Hypotheses(self.state[rows], self.counters[rows])


class StateColumns(NamedTuple):
    """What there is in a state (`token_automaton.compiler.State`), in a row of `Automaton.table` or, by
    column, for a batch. Edges stand from `first` to `last`. Of each other kind `arrays.NOTHING` says what stands where
    a state has none, so that the arithmetic of that kind may be done for all rows of a batch and changes nothing there.
    """

    kinds: Ints
    first: Ints
    last: Ints
    utf8: Ints
    base: Ints
    most: Ints
    floor: Ints  # the counter that a location must exceed
    ceiling: Ints  # the last location
    kept: Ints  # the counter that keeps it
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
    behind them. `table` is a row of `Columns` for each state: one lookup, as what it reads has left the cache since the
    last step. `starts` are the first states of the grammars, `over` tells the states where an answer is whole.
    """

    alphabet: Alphabet
    keys: Ints
    ids: Ints
    targets: Ints
    table: Ints
    starts: Ints
    accepting: Mask
    num_counters: int

    def start(self, grammars: Ints) -> Hypotheses:
        """Hypotheses that begin, each in the grammar of that number."""
        counters = np.zeros((len(grammars), self.num_counters), np.int64)
        counters[:, NO_FLOOR] = -1
        return Hypotheses(self.starts[grammars], counters)

    def is_done(self, hypotheses: Hypotheses) -> Mask:
        """Which answers are whole; only padding follows."""
        return self.accepting[hypotheses.state]

    def columns(self, state: Ints) -> tuple[StateColumns, int]:
        """What there is in each of the states, and the kinds that there are in any: most steps need but one."""
        here = StateColumns(*self.table[state].T)
        return here, int(np.bitwise_or.reduce(here.kinds))

    def allowed_mask(self, hypotheses: Hypotheses) -> Mask:
        """Which ids may follow, (batch, size). There is always one."""
        here, kinds = self.columns(hypotheses.state)
        each, mask = np.arange(len(hypotheses.state)), self.alphabet.character_tables.allowed_mask[here.utf8]
        if kinds & TEXT:
            self.mask_long_pieces(here, hypotheses, mask)
        if kinds & EDGES:
            many = here.last - here.first
            places = np.arange(many.sum()) + np.repeat(here.last - many.cumsum(), many)
            mask[np.repeat(each, many), self.ids[places]] = True
        if kinds & COUNTED:
            rows = np.flatnonzero((hypotheses.counters[each, here.counter] >= here.least) & (here.id >= 0))
            mask[rows, here.id[rows]] = True
        if kinds & CORNERS:
            bins = self.alphabet.vocabulary.bins
            count, floor = np.arange(len(bins)), hypotheses.counters[each, here.floor]
            mask[:, bins.start : bins.stop] |= (count > floor[:, None]) & (count <= here.ceiling[:, None])
        return mask

    def mask_long_pieces(self, columns: StateColumns, hypotheses: Hypotheses, mask: Mask) -> None:
        """Takes out pieces in which more characters begin than are left; seldom, since few texts are near their end."""
        text, left = self.alphabet.character_tables, columns.most - hypotheses.counters[:, CHARACTERS]
        rows = np.flatnonzero((left < text.max_characters) & (columns.utf8 < NO_TEXT))
        if len(rows):
            mask[rows] &= text.character_counts[columns.utf8[rows]] <= left[rows, None]

    def advance(self, hypotheses: Hypotheses, ids: Ints) -> Hypotheses:
        """Where each stands behind its id. Raises NotAdmitted where one may not follow."""
        tried = self.try_advance(hypotheses, ids)
        if tried.state.min(initial=0) < 0:
            row = int(tried.state.argmin())
            raise GrammarMismatch(f"id {ids[row]} may not follow in row {row} of the batch")
        return self.count_items(tried)

    def try_advance(self, hypotheses: Hypotheses, ids: Ints) -> Hypotheses:
        """What `next` gives once it is `counted`; with the state -1 in the rows where the id may not follow."""
        here, kinds = self.columns(hypotheses.state)
        each, counters = np.arange(len(ids)), hypotheses.counters.copy()
        then = self.follow_edges(hypotheses.state, ids) if kinds & EDGES else np.full(len(ids), -1)
        if kinds & COUNTED:
            ends = (ids == here.id) & (counters[each, here.counter] >= here.least)
            then = np.where(ends, here.then, then)
            counters[each, np.where(ends, here.counter, SPARE)] = 0
        if kinds & TEXT:
            text = self.alphabet.character_tables
            lands, count = (
                text.next_states[here.utf8, ids],
                counters[:, CHARACTERS] + text.character_counts[here.utf8, ids],
            )
            fits = (lands >= 0) & (count <= here.most)
            then = np.where(fits, here.base + lands, then)
            counters[:, CHARACTERS] = np.where(fits, count, counters[:, CHARACTERS])
        if kinds & CORNERS:
            bins = ids - self.alphabet.vocabulary.bins.start
            fits = (bins > counters[each, here.floor]) & (bins <= here.ceiling)
            then = np.where(fits, here.beyond, then)
            counters[each, here.kept] = bins
        return Hypotheses(then, counters)

    def follow_edges(self, state: Ints, ids: Ints) -> Ints:
        """The states behind, -1 where no edge has the id."""
        key = state * self.alphabet.vocabulary.size + ids
        place = np.minimum(self.keys.searchsorted(key), len(self.keys) - 1)
        return np.where(self.keys[place] == key, self.targets[place], -1)

    def count_items(self, hypotheses: Hypotheses) -> Hypotheses:
        """Items that have just ended are counted; what ends with them may end an item of a list around."""
        state, counters = hypotheses.state, hypotheses.counters
        while self.table[state, KINDS_COLUMN].max(initial=0) >= JOINS:
            here, _ = self.columns(state)
            rows = np.flatnonzero(here.joins != SPARE)
            counter, out, again = here.joins[rows], here.out[rows], here.again[rows]
            counters[rows, counter] += 1
            full = counters[rows, counter] == here.full[rows]
            counters[rows[full], counter[full]] = 0
            state[rows] = np.where(full, out, again)
        return hypotheses


def allowed_masks(automaton: Automaton, grammars: Ints, ids: Ints) -> Mask:
    """Which ids may stand at each place of answers that are known, (batch, length, size): what a loss is taken over.

    `ids` (batch, length) are padded behind their ends. Raises NotAdmitted.
    """
    at, masks = automaton.start(grammars), list[Mask]()
    for step in ids.T:
        masks.append(automaton.allowed_mask(at))
        at = automaton.advance(at, step)
    return np.stack(masks, axis=1)


def forced_ids(allowed_mask: Mask) -> Ints:
    """The id that follows where only one may, so that no model need be asked; else -1."""
    return np.where(allowed_mask.sum(1) == 1, allowed_mask.argmax(1), -1)
