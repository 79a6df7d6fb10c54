"""A table of ids as the automaton sees it: which ids mean what, and what each writes."""

from dataclasses import dataclass
from functools import cached_property

from plait.foundation.cards.token_automaton.characters import BEGIN, Characters, characters, passed
from plait.foundation.cards.vocabulary import MARK, Vocabulary


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Made once for a table and kept: its parts are found when they are first needed."""

    symbols: Vocabulary

    @cached_property
    def spellings(self) -> tuple[tuple[int, bytes], ...]:
        """All ids that write text, the mark of a gap among them, and their bytes."""
        pieces = zip(self.symbols.text, self.symbols.bytes_of, strict=True)
        return (self.symbols.mask, MARK.encode()), *((id, spelling) for id, spelling in pieces if spelling)

    @cached_property
    def characters(self) -> Characters:
        return characters(self.spellings, self.symbols.size)

    @cached_property
    def numerals(self) -> tuple[tuple[int, str], ...]:
        """The ids that numbers and moments are spelled with."""
        return tuple((id, text.decode()) for id, text in self.spellings if set(text) <= NUMERALS)

    @cached_property
    def _spelling(self) -> dict[int, bytes]:
        return dict(self.spellings)

    def writes(self, ids: list[int]) -> bool:
        """Whether the ids write a text: pieces alone, no half of a character, no control character."""
        found = [self._spelling.get(id) for id in ids]
        return None not in found and passed(BEGIN, b"".join(each or b"" for each in found))[0] == 0

    def word(self, text: str) -> tuple[int, ...]:
        """A text of a known set: its ids, then the end."""
        return *self.symbols.encode(text), self.symbols.end


NUMERALS = set(b" 0123456789-+.:T")
