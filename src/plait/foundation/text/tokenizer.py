"""Token ids of a text, as llama.cpp has them: a model that learned other ids than it is served is worse, silently.

Vocabulary and merges are those of the GGUF file; the library `tokenizers` does the merging. What llama.cpp does
besides is done here: it splits words by its own rule, finds special tokens from the longest to the shortest, and leaves
out bytes that have no token, without joining what stands on both sides of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.vocabulary import GgufVocabulary, TokenKind, byte_characters

CONTRACTIONS = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"
GPT4 = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# The rules of llama.cpp (llama-vocab.cpp, llm_tokenizer_bpe) by tokenizer.ggml.pre; each is applied to the parts that
# the one before leaves. Their ids were compared with llama.cpp's on 10,000 texts each.
SPLITTERS = {
    "gpt-2": (GPT2,),
    "smollm": (r"\p{N}", GPT2),
    "qwen2": (f"{CONTRACTIONS}|{GPT4.replace('DIGITS', '')}",),
    "llama-bpe": (f"{CONTRACTIONS}|{GPT4.replace('DIGITS', '{1,3}')}",),
}
WHOLE_WORDS = ("llama-bpe",)  # a word that is a token is that token, whatever the merges say


@dataclass(frozen=True, eq=False)
class TextTokenizer:
    """Tokenizer of a GGUF file. Raises CheckpointError for a rule of splitting that is not known."""

    vocabulary: GgufVocabulary

    def __post_init__(self) -> None:
        splitter = self.vocabulary.splitter
        if splitter not in SPLITTERS:
            raise CheckpointError(
                f"the vocabulary splits words by the rule {splitter!r}, which Plait serves and cannot train",
                hint=f"adapt a model with one of the rules {', '.join(sorted(SPLITTERS))}",
            )

    def encode(self, text: str, *, control: bool = False) -> list[int]:
        """Ids of a text. Control tokens inside it are text, unless `control` is true."""
        ids: list[int] = []
        for part in self.split_specials(text, control):
            ids += [part] if isinstance(part, int) else self.merge(part)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ids, control tokens by their names. Bytes that are not UTF-8 become U+FFFD."""
        return b"".join(self.vocabulary.token_bytes[id] for id in ids).decode(errors="replace")

    def split_specials(self, text: str, control: bool) -> Iterator[str | int]:
        """Parts of a text: ids of special tokens, and the texts between them."""
        parts: list[str | int] = [text]
        for token in self.special_tokens if control else self.user_tokens:
            if token in text:
                parts = [piece for part in parts for piece in split_at(part, token, self.vocabulary.ids[token])]
        return (part for part in parts if part != "")

    def merge(self, text: str) -> list[int]:
        """Ids of a text without special tokens."""
        size = len(self.vocabulary)
        return [id for id in self.library_tokenizer.encode(text, add_special_tokens=False).ids if id < size]

    @cached_property
    def special_tokens(self) -> tuple[str, ...]:
        """Tokens that are found before merging, the longest first, as llama.cpp does."""
        return self.tokens_of(TokenKind.CONTROL, TokenKind.UNKNOWN, TokenKind.USER_DEFINED)

    @cached_property
    def user_tokens(self) -> tuple[str, ...]:
        """Tokens that are found in the text of a user too."""
        return self.tokens_of(TokenKind.USER_DEFINED)

    def tokens_of(self, *kinds: TokenKind) -> tuple[str, ...]:
        vocabulary = self.vocabulary
        tokens = (token for token, kind in zip(vocabulary.tokens, vocabulary.kinds, strict=True) if kind in kinds)
        return tuple(sorted(tokens, key=lambda token: -len(token.encode())))

    @cached_property
    def library_tokenizer(self) -> Any:
        """Tokenizer of the library. Bytes without a token get ids beyond the vocabulary, so that nothing merges across
        them; `merge` drops these ids.
        """
        from tokenizers import Tokenizer, models

        ids = dict(self.vocabulary.ids)
        for character in byte_characters():
            ids.setdefault(character, len(ids))
        whole_words = self.vocabulary.splitter in WHOLE_WORDS
        tokenizer: Any = Tokenizer(models.BPE(ids, list(self.vocabulary.merges), ignore_merges=whole_words))
        tokenizer.pre_tokenizer = word_splitter(SPLITTERS[self.vocabulary.splitter])
        return tokenizer


def word_splitter(expressions: Sequence[str]) -> Any:
    """Pre-tokenizer of the library that splits by expressions, then writes bytes as characters."""
    from tokenizers import Regex, pre_tokenizers

    splits = [pre_tokenizers.Split(Regex(each), "isolated") for each in expressions]
    return pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def split_at(part: str | int, token: str, id: int) -> Iterator[str | int]:
    """The part with each occurrence of a token's text replaced by the token's id."""
    if isinstance(part, int):
        yield part
        return
    for number, piece in enumerate(part.split(token)):
        if number:
            yield id
        yield piece
