"""Quoted values on a page: numbered links in the answer, and the texts of the inputs with these places marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from plait.core.engine.certificate import answer_leaves
from plait.core.values.span import Span
from plait.web.views import TaskView

MAX_UNMARKED = 300  # characters between two marks; a longer part is shown without its middle


@dataclass
class QuoteNumbers:
    """Numbers the quoted values of an answer in the order in which they are displayed."""

    answer_id: str
    count: int = 0

    def next(self) -> str:
        """The id of the next value's mark."""
        self.count += 1
        return f"{self.answer_id}-{self.count - 1}"


@dataclass(frozen=True)
class Segment:
    """A part of a text, and the marks that it belongs to."""

    text: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class MarkedText:
    """A text of the inputs, in which quoted values stand."""

    path: str
    segments: tuple[Segment, ...]


def quotations(view: TaskView) -> list[tuple[Span, ...]]:
    """The places of the quoted values of the view's answer, in the order of its fields."""
    if view.completed is None:
        return []
    leaves = answer_leaves(view.declaration.answer, view.completed.json_value, "", view.completed.evidence)
    return [leaf.spans for _, leaf in leaves if leaf.kind == "quotation"]


def marked_texts(view: TaskView) -> list[MarkedText]:
    """The texts in which quoted values stand, with a mark for each."""
    assert view.completed is not None
    texts = {each.path: each.text for each in view.declaration.json_texts(view.inputs or {})}
    marks: dict[str, list[tuple[Span, str]]] = {}
    for number, spans in enumerate(quotations(view)):
        for span in spans:
            marks.setdefault(span.input, []).append((span, f"{view.completed.id}-{number}"))
    return [MarkedText(path, tuple(segments(texts[path], marks[path]))) for path in texts if path in marks]


def segments(text: str, marks: Sequence[tuple[Span, str]]) -> Iterator[Segment]:
    """The text, cut where marks begin and end; marks may overlap."""
    cuts = sorted({0, len(text), *(place for span, _ in marks for place in (span.start, span.end))})
    for start, end in pairwise(cuts):
        here = tuple(mark for span, mark in marks if span.start <= start and end <= span.end)
        yield Segment(text[start:end] if here else shorten_middle(text[start:end]), here)


def shorten_middle(text: str) -> str:
    if len(text) <= MAX_UNMARKED:
        return text
    return f"{text[: MAX_UNMARKED // 2]} … {text[-MAX_UNMARKED // 2 :]}"
