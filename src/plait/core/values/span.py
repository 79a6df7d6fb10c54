"""Spans: parts of a call's text inputs, as evidence of quoted values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Span:
    """A part of an input: `text` is `input[start:end]`, counted in code points of the input as it was passed.

    `input` is the dotted path of the text: "text", or "passages.3" for an item of a list.
    """

    input: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class InputText:
    """A text of a call's inputs, by its dotted path."""

    path: str
    text: str

    def span(self, start: int, end: int) -> Span:
        return Span(self.path, start, end, self.text[start:end])


@dataclass(frozen=True, eq=False)
class InputTexts:
    """The texts of a call's inputs, in order. Made by `input_texts`, so that equal ones are the same object: what is
    derived from them is found by identity, without hashing the texts for each value of an answer.
    """

    texts: tuple[InputText, ...]

    def __iter__(self) -> Iterator[InputText]:
        return iter(self.texts)

    def below(self, source: str) -> "InputTexts":
        """The texts of the input called `source`; "" is every input."""
        return input_texts(tuple(each for each in self.texts if is_below(each.path, source))) if source else self


@lru_cache(maxsize=64)
def input_texts(texts: tuple[InputText, ...]) -> InputTexts:
    return InputTexts(texts)


def is_below(path: str, source: str) -> bool:
    """Whether the text at a path belongs to the input called `source`; "" is every input."""
    return not source or path == source or path.startswith(f"{source}.")


def join_path(path: str, step: str) -> str:
    return f"{path}.{step}" if path and step else path or step


def column_path(path: str) -> str:
    """The path without the numbers of items, `lines.[].price` for `lines.0.price`: the same field of other items."""
    return re.sub(r"(?<![^.])\d+(?![^.])", "[]", path)
