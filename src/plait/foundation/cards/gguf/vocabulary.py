"""Vocabulary of a GGUF file: tokens, merges and special tokens of a byte-level byte-pair encoding.

Byte-level BPE (GPT-2, Radford et al. 2019, section 2.2) writes each byte of a text as one printable character, so a
token is a sequence of bytes and need not be whole characters. Other kinds of vocabularies are refused by name.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import GgufHeader

BYTE_LEVEL = "gpt2"  # value of tokenizer.ggml.model
KINDS_WITH_BOS = ("llama-bpe",)  # llama.cpp's default where the file does not say


class TokenKind(IntEnum):
    """Kind of a token; the numbers are those of llama.cpp (llama_token_type)."""

    UNDEFINED = 0
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True, eq=False)
class GgufVocabulary:
    """Byte-level vocabulary. `splitter` names the rule that splits a text into words before merging.

    `end` is the id that ends an answer, `begin` the id that begins a text, None if no text begins with one.
    """

    splitter: str
    tokens: tuple[str, ...]
    kinds: tuple[int, ...]
    merges: tuple[tuple[str, str], ...]
    end: int
    begin: int | None

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ids(self) -> Mapping[str, int]:
        return {token: id for id, token in enumerate(self.tokens)}

    @cached_property
    def control_ids(self) -> frozenset[int]:
        """Tokens that no text of a user becomes and no answer contains."""
        hidden = (TokenKind.CONTROL, TokenKind.UNKNOWN, TokenKind.UNUSED, TokenKind.UNDEFINED)
        return frozenset(id for id, kind in enumerate(self.kinds) if kind in hidden)

    @cached_property
    def written_texts(self) -> "TokenTexts":
        """The texts of the tokens that a model may write in an answer."""
        return TokenTexts.from_bytes(token for id, token in enumerate(self.token_bytes) if id not in self.control_ids)

    @cached_property
    def token_bytes(self) -> tuple[bytes, ...]:
        """Bytes of each token; those of a control token are its name."""
        bytes_by_character = {character: byte for byte, character in enumerate(byte_characters())}
        return tuple(
            bytes(bytes_by_character[each] for each in token)
            if kind == TokenKind.NORMAL and all(each in bytes_by_character for each in token)
            else token.encode()
            for token, kind in zip(self.tokens, self.kinds, strict=True)
        )


@cache
def byte_characters() -> tuple[str, ...]:
    """The character that stands for each byte: itself if it is printable and no space, else one from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in printable else next(others)) for byte in range(256))


def read_vocabulary(header: GgufHeader) -> GgufVocabulary:
    """Vocabulary of a GGUF file. Raises CheckpointError if it is none of byte-level BPE or contradicts itself."""
    check_kind(header)
    splitter = header.text("tokenizer.ggml.pre", "default")
    tokens = header.texts("tokenizer.ggml.tokens")
    kinds = header.integers("tokenizer.ggml.token_type")
    if len(kinds) != len(tokens) or len(set(tokens)) != len(tokens):
        raise vocabulary_error(header, f"{len(tokens):,} tokens, {len(set(tokens)):,} different, {len(kinds):,} kinds")
    merges = tuple(parse_merge(header, each) for each in header.texts("tokenizer.ggml.merges"))
    check_merges(header, set(tokens), merges)
    begins = header.truth("tokenizer.ggml.add_bos_token", splitter in KINDS_WITH_BOS)
    begin = special_id(header, "tokenizer.ggml.bos_token_id", len(tokens)) if begins else None
    end = special_id(header, "tokenizer.ggml.eos_token_id", len(tokens))
    return GgufVocabulary(splitter, tokens, kinds, merges, end, begin)


def check_kind(header: GgufHeader) -> None:
    kind = header.text("tokenizer.ggml.model")
    if kind != BYTE_LEVEL:
        raise CheckpointError(
            f"{header.file} has a vocabulary of the kind {kind!r}, which Plait serves and cannot train",
            hint=f"adapt a model with the kind {BYTE_LEVEL!r} (byte-level BPE), such as SmolLM2, Qwen2.5 or Llama 3",
        )


def parse_merge(header: GgufHeader, text: str) -> tuple[str, str]:
    """The two halves of a merge, which a space separates; it is not the first character."""
    space = text.find(" ", 1)
    if space < 0:
        raise vocabulary_error(header, f"the merge {text!r}")
    return text[:space], text[space + 1 :]


def check_merges(header: GgufHeader, tokens: set[str], merges: tuple[tuple[str, str], ...]) -> None:
    for first, second in merges:
        if not {first, second, first + second} <= tokens:
            raise vocabulary_error(header, f"the merge {f'{first} {second}'!r} of texts that are no tokens")


def special_id(header: GgufHeader, key: str, size: int) -> int:
    id = header.integer(key)
    if not 0 <= id < size:
        raise vocabulary_error(header, f"{key} {id:,} of {size:,} tokens")
    return id


def vocabulary_error(header: GgufHeader, finding: str) -> CheckpointError:
    return CheckpointError(
        f"the vocabulary of {header.file} contradicts itself: it has {finding}", hint="convert the model again"
    )


@dataclass(frozen=True)
class TokenTexts:
    """Texts of tokens, sorted: which begin with a text is a matter of one search. Tokens that are no whole characters
    are not among them.
    """

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
