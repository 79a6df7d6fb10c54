"""The texts of a vocabulary's tokens, in order: which tokens begin with a text is a matter of two searches."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class TokenTexts:
    """Texts of tokens, sorted. Tokens that are no whole characters are not among them."""

    texts: tuple[str, ...]

    @staticmethod
    def from_bytes(tokens: Iterable[bytes]) -> "TokenTexts":
        texts: set[str] = set()
        for token in tokens:
            with suppress(UnicodeDecodeError):
                texts.add(token.decode())
        return TokenTexts(tuple(sorted(texts)))

    @cached_property
    def longest(self) -> int:
        """Characters of the longest token."""
        return max(map(len, self.texts), default=0)

    def rests(self, beginning: str) -> Iterator[str]:
        """What stands behind a text in the tokens that begin with it; a token that is that text has no rest."""
        for place in range(bisect_left(self.texts, beginning), len(self.texts)):
            if not self.texts[place].startswith(beginning):
                return
            if len(self.texts[place]) > len(beginning):
                yield self.texts[place][len(beginning) :]
