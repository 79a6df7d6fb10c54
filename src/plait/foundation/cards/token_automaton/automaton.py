"""Token automaton: the ids that may follow, for a whole batch of hypotheses at once, on flat numpy arrays.

An `Automaton` is compiled from one or several core grammars. A hypothesis consists of a state and a few counters. A
step is a binary search among all edges, sorted by state and id, plus arithmetic on the counters: characters of a text,
items of a list, the last two corners of a box.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.characters import NUM_STATES as NO_TEXT
from plait.foundation.cards.token_automaton.compiler import CHARACTERS, NO_FLOOR, SPARE

Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
EDGES, COUNTED, TEXT, CORNERS, JOINS = 1, 2, 4, 8, 16  # bits of `StateColumns.edge_kinds`
KINDS_COLUMN = 0  # index of that column


@dataclass(frozen=True, eq=False)
class Hypotheses:
    """Decoder positions: `state` (batch) and `counters` (batch, counters)."""

    state: Ints
    counters: Ints

    def __getitem__(self, rows: Ints) -> "Hypotheses":
        """The hypotheses of these rows, repeated as often as a row occurs; a beam search selects with it."""
        return Hypotheses(self.state[rows], self.counters[rows])


class StateColumns(NamedTuple):
    """The content of a `compiler.GrammarState`: one row of `Automaton.table`, or columns for a batch.

    The edges of a state are those from `first` to `last`. A state without edges of a kind has the values of
    `program_arrays.DEFAULT_COLUMNS`, so that arithmetic over a whole batch leaves it unchanged.
    """

    edge_kinds: Ints
    first: Ints
    last: Ints
    utf8_state: Ints
    text_base: Ints
    maximum_characters: Ints
    floor: Ints  # counter that a bin must exceed
    ceiling: Ints  # the last bin
    stored_counter: Ints  # counter that stores the bin
    bin_next_state: Ints
    id: Ints
    counter: Ints
    minimum_count: Ints
    counted_next_state: Ints
    join_counter: Ints
    join_maximum: Ints
    loop_state: Ints
    exit_state: Ints


@dataclass(frozen=True, eq=False)
class Automaton:
    """Compiled grammars as arrays.

    `keys` are the sorted edges (state * vocabulary size + id), `ids` their ids, `targets` the next states. `table` has
    one row of `StateColumns` per state: a single lookup, since its data has left the cache since the last step.
    `starts` are the start states of the grammars; in `accepting` states an answer is complete.
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
        """Hypotheses at the start of the grammars with these numbers."""
        counters = np.zeros((len(grammars), self.num_counters), np.int64)
        counters[:, NO_FLOOR] = -1
        return Hypotheses(self.starts[grammars], counters)

    def is_done(self, hypotheses: Hypotheses) -> Mask:
        """Which answers are complete, so that only padding follows."""
        return self.accepting[hypotheses.state]

    def columns(self, state: Ints) -> tuple[StateColumns, int]:
        """The columns of the states, and the union of their edge kinds: most steps need only one kind."""
        columns = StateColumns(*self.table[state].T)
        return columns, int(np.bitwise_or.reduce(columns.edge_kinds))

    def allowed_mask(self, hypotheses: Hypotheses) -> Mask:
        """The ids that may follow, (batch, vocabulary size). Every row allows at least one."""
        columns, kinds = self.columns(hypotheses.state)
        rows_index, mask = (
            np.arange(len(hypotheses.state)),
            self.alphabet.character_tables.allowed_mask[columns.utf8_state],
        )
        if kinds & TEXT:
            self.mask_long_pieces(columns, hypotheses, mask)
        if kinds & EDGES:
            num_edges = columns.last - columns.first
            edge_index = np.arange(num_edges.sum()) + np.repeat(columns.last - num_edges.cumsum(), num_edges)
            mask[np.repeat(rows_index, num_edges), self.ids[edge_index]] = True
        if kinds & COUNTED:
            rows = np.flatnonzero(
                (hypotheses.counters[rows_index, columns.counter] >= columns.minimum_count) & (columns.id >= 0)
            )
            mask[rows, columns.id[rows]] = True
        if kinds & CORNERS:
            bins = self.alphabet.vocabulary.bins
            count, floor = np.arange(len(bins)), hypotheses.counters[rows_index, columns.floor]
            mask[:, bins.start : bins.stop] |= (count > floor[:, None]) & (count <= columns.ceiling[:, None])
        return mask

    def mask_long_pieces(self, columns: StateColumns, hypotheses: Hypotheses, mask: Mask) -> None:
        """Masks tokens with more characters than the text may still have; few texts are near their limit."""
        text, remaining = (
            self.alphabet.character_tables,
            columns.maximum_characters - hypotheses.counters[:, CHARACTERS],
        )
        rows = np.flatnonzero((remaining < text.max_characters) & (columns.utf8_state < NO_TEXT))
        if len(rows):
            mask[rows] &= text.character_counts[columns.utf8_state[rows]] <= remaining[rows, None]

    def try_advance(self, hypotheses: Hypotheses, ids: Ints) -> Hypotheses:
        """The hypotheses after these ids, before `count_items`; the state is -1 where the id is not allowed."""
        columns, kinds = self.columns(hypotheses.state)
        row_index, counters = np.arange(len(ids)), hypotheses.counters.copy()
        next_state = self.follow_edges(hypotheses.state, ids) if kinds & EDGES else np.full(len(ids), -1)
        if kinds & COUNTED:
            is_end = (ids == columns.id) & (counters[row_index, columns.counter] >= columns.minimum_count)
            next_state = np.where(is_end, columns.counted_next_state, next_state)
            counters[row_index, np.where(is_end, columns.counter, SPARE)] = 0
        if kinds & TEXT:
            text = self.alphabet.character_tables
            utf8_state, count = (
                text.next_states[columns.utf8_state, ids],
                counters[:, CHARACTERS] + text.character_counts[columns.utf8_state, ids],
            )
            fits = (utf8_state >= 0) & (count <= columns.maximum_characters)
            next_state = np.where(fits, columns.text_base + utf8_state, next_state)
            counters[:, CHARACTERS] = np.where(fits, count, counters[:, CHARACTERS])
        if kinds & CORNERS:
            bins = ids - self.alphabet.vocabulary.bins.start
            fits = (bins > counters[row_index, columns.floor]) & (bins <= columns.ceiling)
            next_state = np.where(fits, columns.bin_next_state, next_state)
            counters[row_index, columns.stored_counter] = bins
        return Hypotheses(next_state, counters)

    def follow_edges(self, state: Ints, ids: Ints) -> Ints:
        """The next states; -1 where no edge has the id."""
        key = state * self.alphabet.vocabulary.size + ids
        index = np.minimum(self.keys.searchsorted(key), len(self.keys) - 1)
        return np.where(self.keys[index] == key, self.targets[index], -1)

    def count_items(self, hypotheses: Hypotheses) -> Hypotheses:
        """Counts the list items that just ended; the end of a list may end an item of the enclosing list."""
        state, counters = hypotheses.state, hypotheses.counters
        while self.table[state, KINDS_COLUMN].max(initial=0) >= JOINS:
            columns, _ = self.columns(state)
            rows = np.flatnonzero(columns.join_counter != SPARE)
            counter, exit_state, loop_state = (
                columns.join_counter[rows],
                columns.exit_state[rows],
                columns.loop_state[rows],
            )
            counters[rows, counter] += 1
            is_full = counters[rows, counter] == columns.join_maximum[rows]
            counters[rows[is_full], counter[is_full]] = 0
            state[rows] = np.where(is_full, exit_state, loop_state)
        return hypotheses
