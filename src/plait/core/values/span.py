"""Spans: parts of a call's text inputs, as evidence of quoted values."""

from dataclasses import dataclass


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
