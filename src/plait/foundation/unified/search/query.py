"""Names in the words of a query: nouns that encoder cells learn to predict, their classes, and colours.

All names of one thing share a column of the embedding (embedding.py): "cats" and 猫 are the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS

ColumnSet = tuple[int, ...]  # alternatives: "an animal" is a cat, a dog ...; "orange" is a fruit or a colour


@dataclass(frozen=True, eq=False)
class NameColumns:
    """`columns` are the columns that each name stands for; the first `num_nouns` are nouns, the others colours."""

    columns: dict[str, ColumnSet]
    num_nouns: int
    num_colours: int

    def __len__(self) -> int:
        return self.num_nouns + self.num_colours

    def find(self, text: str) -> tuple[ColumnSet, ...]:
        """The names in the text, each once, in order; empty if it contains no known name."""
        return tuple(dict.fromkeys(self.columns[match[0]] for match in self.pattern.finditer(text.lower())))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Longer names match first ("hot dog" before "dog"); Latin names match whole words only ("catapult" is not
        "cat").
        """
        names = sorted(self.columns, key=len, reverse=True)
        return re.compile("|".join(rf"(?<![a-z]){name}(?![a-z])" if name.isascii() else name for name in names))


@cache
def name_columns() -> NameColumns:
    columns: dict[str, ColumnSet] = {}
    for name, column in iter_names():
        columns[name] = (*columns.get(name, ()), column)
    return NameColumns(columns, len(atlas().nouns), len(COLOURS))


def iter_names() -> Iterator[tuple[str, int]]:
    """Yields each spelling with its column."""
    for column, noun in enumerate(atlas().nouns):
        noun_class = noun.noun_class
        for name in dict.fromkeys((noun.en, noun.plural, noun.zh, noun_class.en, noun_class.plural, noun_class.zh)):
            yield name, column
    for column, colour in enumerate(COLOURS, len(atlas().nouns)):
        for name in (colour.en, colour.zh, colour.zh_full):
            yield name, column
