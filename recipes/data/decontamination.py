"""Keeps what held-out rows contain out of training rows: their names, and the frames of their lines.

A frame is a line with its values blanked: "Invoice no.: MB-17   Date: 14 March 2026" becomes "invoice no.: □ date: 0
march 0". Rows of one layout share most of their frames whatever their values are, rows of different ones few.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Row = Mapping[str, object]
Names = Callable[[Row], Iterable[str]]
MAX_SHARED = (
    0.25  # of a row's frames with any one held-out row; the figures are in tests/recipes/test_decontamination.py
)


def frames(text: str, names: Iterable[str]) -> frozenset[str]:
    """The frames of the lines that have words of their own; the names are blanked, longest first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "□")
    plain = re.sub(r"\d[\d.,:/-]*", "0", text).lower()
    lines = (" ".join(line.split()) for line in plain.splitlines())
    return frozenset(line for line in lines if re.search(r"[^\W\d_]{2}", line))


def runs(text: str, length: int) -> set[str]:
    """Every `length` letters in a row; spaces, punctuation and case do not count. Wordings share few long ones."""
    letters = re.sub(r"\W+", "", text).lower()
    return {letters[start : start + length] for start in range(len(letters) - length + 1)}


@dataclass(frozen=True)
class Decontamination:
    """What the held-out rows of one task contain. `text` and `names` tell where a row has its text and its names."""

    text: Callable[[Row], str]
    names: Names
    held_out_frames: tuple[frozenset[str], ...]
    held_out_names: frozenset[str]
    rows_by_frame: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, rows: Iterable[Row], text: Callable[[Row], str], names: Names) -> "Decontamination":
        rows = list(rows)
        row_frames = tuple(frames(text(row), names(row)) for row in rows)
        by_frame: dict[str, tuple[int, ...]] = {}
        for number, each in enumerate(row_frames):
            for frame in each:
                by_frame[frame] = (*by_frame.get(frame, ()), number)
        known = frozenset(name.casefold() for row in rows for name in names(row))
        return cls(text, names, row_frames, known, by_frame)

    def accepts(self, row: Row) -> bool:
        return not self.known_names(row) and self.shared(row) <= MAX_SHARED

    def known_names(self, row: Row) -> set[str]:
        """The names of the row that a held-out row has too."""
        return {name for name in self.names(row) if name.casefold() in self.held_out_names}

    def shared(self, row: Row) -> float:
        """The largest share of the row's frames that one held-out row has too."""
        own = frames(self.text(row), self.names(row))
        counts = Counter(number for frame in own for number in self.rows_by_frame.get(frame, ()))
        return max(counts.values(), default=0) / max(len(own), 1)
