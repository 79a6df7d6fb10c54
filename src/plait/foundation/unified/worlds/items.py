"""Items: a task's inputs about one scene, with the right answer."""

from dataclasses import dataclass, field
from typing import Literal

from plait.foundation.unified.worlds.scene import PixelBox, Scene

Language = Literal["en", "zh"]
Answer = str | bool | PixelBox | tuple[tuple[PixelBox, str], ...] | Scene


@dataclass(frozen=True)
class Span:
    """Some words and what of the scene they name: nothing (None), things by index, or something that is absent (()).

    Spans join without anything between them, so a blank belongs to the word after it.
    """

    text: str
    names: tuple[int, ...] | None = None


Spans = tuple[Span, ...]


def spans_text(spans: Spans) -> str:
    return "".join(span.text for span in spans)


@dataclass(frozen=True)
class Item:
    """`inputs` are the task's inputs besides the picture. `answer` is text, yes or no, a box, boxes with names, or the
    scene that a picture is to show.

    `kind` is what it asks ("noun", "count", "left of"), for evaluation by kind. `target` are the indexes of the things
    that the answer is about, where it is about things.
    """

    task: str
    language: Language
    inputs: dict[str, Spans | PixelBox]
    answer: Answer
    kind: str
    target: tuple[int, ...] = field(default=())
