"""Rows of tokens as a tree of their beginnings: what several rows share stands in it once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MIN_SHARED = 16  # tokens; an attention call of its own for fewer costs more than it saves


@dataclass
class PrefixTree:
    """Pieces of rows, parents before children, and where the tokens of each row are.

    `parents` are numbers of pieces, -1 for a piece that begins a row. `places[row][index]` is the place of a row's
    token among all tokens of the tree.
    """

    token_ids: list[int] = field(default_factory=list)
    lengths: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()
    places: list[list[int]] = field(default_factory=list)

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)

    @classmethod
    def grow(cls, rows: Sequence[tuple[int, ...]]) -> "PrefixTree":
        tree = cls(places=[[] for _ in rows])
        tree.add(rows, sorted(range(len(rows)), key=lambda number: rows[number]), 0, -1)
        return tree

    @classmethod
    def apart(cls, rows: Sequence[tuple[int, ...]]) -> "PrefixTree":
        """The rows one after another, nothing shared."""
        tree = cls(places=[[] for _ in rows])
        for number, row in enumerate(rows):
            tree.add_piece(row, [number], -1)
        return tree

    def add(self, rows: Sequence[tuple[int, ...]], order: Sequence[int], start: int, parent: int) -> None:
        """Adds the tokens from `start` of rows (numbers in sorted order) that are equal up to there."""
        for group in alike(rows, order, start):
            first = rows[group[0]]
            end = start + num_shared(first, rows[group[-1]], start) if len(group) > 1 else len(first)
            piece = self.add_piece(first[start:end], group, parent) if end > start else parent
            longer = [number for number in group if len(rows[number]) > end]
            if longer:
                self.add(rows, longer, end, piece)

    def add_piece(self, tokens: Sequence[int], group: Sequence[int], parent: int) -> int:
        """Adds tokens that all rows of the group have; returns the number of the piece."""
        begin = len(self.token_ids)
        self.token_ids += tokens
        self.lengths, self.parents = (*self.lengths, len(tokens)), (*self.parents, parent)
        for number in group:
            self.places[number] += range(begin, begin + len(tokens))
        return len(self.lengths) - 1


def alike(rows: Sequence[tuple[int, ...]], order: Sequence[int], start: int) -> list[list[int]]:
    """Groups of neighbours that share at least MIN_SHARED tokens from `start`, or all of them."""
    groups: list[list[int]] = []
    for number in order:
        row = rows[number]
        if groups:
            first = rows[groups[-1][0]]
            if num_shared(first, row, start) >= min(MIN_SHARED, len(row) - start, len(first) - start):
                groups[-1].append(number)
                continue
        groups.append([number])
    return groups


def num_shared(one: Sequence[int], other: Sequence[int], start: int = 0) -> int:
    """How many tokens from `start` are equal."""
    end = min(len(one), len(other))
    return next((index for index in range(start, end) if one[index] != other[index]), end) - start
