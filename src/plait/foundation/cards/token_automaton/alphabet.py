"""The vocabulary as the automaton needs it: control ids, and the bytes that each text id writes."""

from dataclasses import dataclass
from functools import cached_property

from plait.foundation.cards.token_automaton.characters import TEXT_START, CharacterTables, character_tables, walk_utf8
from plait.foundation.cards.vocabulary import GAP_MARK, Vocabulary


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Derived tables of a vocabulary, computed on first use; keep one per vocabulary."""

    vocabulary: Vocabulary

    @cached_property
    def spellings(self) -> tuple[tuple[int, bytes], ...]:
        """All ids that write text (including the gap token), with their bytes."""
        pairs = zip(self.vocabulary.text, self.vocabulary.piece_bytes, strict=True)
        return (self.vocabulary.mask, GAP_MARK.encode()), *((id, spelling) for id, spelling in pairs if spelling)

    @cached_property
    def character_tables(self) -> CharacterTables:
        return character_tables(self.spellings, self.vocabulary.size)

    @cached_property
    def numerals(self) -> tuple[tuple[int, bytes], ...]:
        """The ids that spell numbers, dates and times."""
        return tuple((id, text) for id, text in self.spellings if set(text) <= NUMERALS)

    @cached_property
    def _bytes_by_id(self) -> dict[int, bytes]:
        return dict(self.spellings)

    def is_text(self, ids: list[int]) -> bool:
        """Whether the ids write valid text: text tokens only, complete UTF-8, no control characters."""
        spellings = [self._bytes_by_id.get(id) for id in ids]
        return None not in spellings and walk_utf8(TEXT_START, b"".join(each or b"" for each in spellings))[0] == 0

    def word_ids(self, text: str) -> tuple[int, ...]:
        """The ids of a text from a fixed set (a key or a label), followed by `end`."""
        return *self.vocabulary.encode(text), self.vocabulary.end


NUMERALS = set(b" 0123456789-+.:T")
