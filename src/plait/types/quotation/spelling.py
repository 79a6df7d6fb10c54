"""A spelling: a value as it stands in a text, with its readings and its place."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, order=True)
class Place:
    """A part of one text, in code points: `text[start:end]`."""

    start: int
    end: int


Places: TypeAlias = tuple[Place, ...]


@dataclass(frozen=True)
class Spelling:
    """One reading of a part of a text.

    `text` is how a model writes it. `places` are the parts that the reading needs: one, or two for a date whose year
    stands elsewhere. Two readings of one place are two spellings.
    """

    text: str
    value: object
    places: Places
