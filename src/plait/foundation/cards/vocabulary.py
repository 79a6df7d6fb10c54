"""Vocabulary of the unified model: one table of ids, with a contiguous range for each kind of symbol.

    specials   symbols that are not text: padding, placeholder of an image, ends, truth values
    text       English and Chinese pieces; 256 of them are single bytes, so that every text can be written
    bins       locations along an axis of an image
    codes      codes of the image tokenizer; last, since they never compete with text

The pieces are a byte-pair encoding in the format of Hugging Face's `tokenizers`, made by recipes/data/vocabulary.py. A
Han character is always a piece of its own: words of several characters share pieces, and the ids of two concatenated
texts are the concatenation of their ids.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from plait.types.box.box_formats import BINS

SPECIAL_TOKENS = ("pad", "picture", "mask", "end", "close", "true", "false", "null")
RESERVED_IDS = 64  # ids for specials; unnamed ones are reserved for later modalities
NUM_CODES = 1_000  # FSQ levels [8, 5, 5, 5] (arXiv 2309.15505)
GAP_MARK = "___"  # how a gap in a text is written, in inputs and in answers
METASPACE = "▁"
PIECES_FILE = Path(__file__).with_name("pieces.json")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Table of ids. `pieces` are in the order of their ids; the first 256 are the bytes."""

    pieces: tuple[str, ...]
    tokenizer: Any

    pad, picture, mask, end, close, true, false, null = range(len(SPECIAL_TOKENS))

    @cached_property
    def text(self) -> range:
        return range(RESERVED_IDS, RESERVED_IDS + len(self.pieces))

    @cached_property
    def bins(self) -> range:
        return range(self.text.stop, self.text.stop + BINS)

    @cached_property
    def codes(self) -> range:
        return range(self.bins.stop, self.bins.stop + NUM_CODES)

    @property
    def size_without_codes(self) -> int:
        """Number of ids before the image codes."""
        return self.bins.stop

    @property
    def size(self) -> int:
        return self.codes.stop

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(
            "\n".join((*SPECIAL_TOKENS, *self.pieces, str(BINS), str(NUM_CODES))).encode()
        ).hexdigest()[:12]

    def encode(self, text: str, *, is_continuation: bool = False) -> list[int]:
        """Ids of a text, gap marks included.

        A word is the same piece at the beginning of a text as after a space: a text gets a leading space, which
        `decode` removes. With `is_continuation` the text follows other text and gets none.
        """
        starts_word = (
            bool(text) and not is_continuation and ((text[0].isascii() and text[0].isalnum()) or text[0] == " ")
        )
        return list(self._encode_cached(" " + text if starts_word else text))

    @cached_property
    def _encode_cached(self) -> Any:
        """Cached encoder: instructions repeat their words; a cached text takes 0.1 µs, a new one about 15 µs."""
        return lru_cache(100_000)(self._ids)

    def _ids(self, text: str) -> tuple[int, ...]:
        ids: list[int] = []
        for part in re.split(f"({GAP_MARK}|{METASPACE})", text):
            if part == GAP_MARK:
                ids.append(self.mask)
            elif part == METASPACE:  # the metaspace sign itself, in a user's text: byte by byte
                ids += [RESERVED_IDS + byte for byte in part.encode()]
            elif part:
                ids += [RESERVED_IDS + piece for piece in self.tokenizer.encode(part.replace(" ", METASPACE)).ids]
        return tuple(ids)

    def encode_lowercased(self, text: str, *, is_continuation: bool = False) -> list[int]:
        """Ids of a lowercased text, for inputs in which case does not matter."""
        return self.encode(text.lower(), is_continuation=is_continuation)

    def decode(self, ids: list[int]) -> str:
        """Text of ids. Bytes that are not UTF-8 become U+FFFD; ids that are not text are skipped."""
        content = bytearray()
        for id in ids:
            if id == self.mask:
                content += GAP_MARK.encode()
            elif id in self.text:
                content += self.piece_bytes[id - RESERVED_IDS]
        return content.decode(errors="replace").removeprefix(" ")

    @cached_property
    def piece_bytes(self) -> tuple[bytes, ...]:
        """Bytes of each piece."""
        return (
            *(bytes([byte]) for byte in range(256)),
            *(p.replace(METASPACE, " ").encode() for p in self.pieces[256:]),
        )


@lru_cache
def vocabulary(file: Path = PIECES_FILE) -> Vocabulary:
    """The shipped vocabulary, or that of a checkpoint."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    by_id = sorted((id, piece) for piece, id in tokenizer.get_vocab().items())
    return Vocabulary(tuple(piece for _, piece in by_id), tokenizer)
