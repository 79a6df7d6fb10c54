"""Items: a task's inputs about one scene, with the right answer."""

from dataclasses import dataclass, field
from typing import Literal

from plait.foundation.unified.worlds.scene import PixelBox, Scene

Language = Literal["en", "zh"]
Answer = str | bool | PixelBox | tuple[tuple[PixelBox, str], ...] | Scene


@dataclass(frozen=True)
class GroundedText:
    """Words and what they name in the scene: nothing (None), things by index, or something absent (()).

    Spans are joined without a separator, so a space belongs to the word after it.
    """

    text: str
    names: tuple[int, ...] | None = None


Spans = tuple[GroundedText, ...]


def spans_text(spans: Spans) -> str:
    return "".join(span.text for span in spans)


@dataclass(frozen=True)
class Item:
    """An example of a task. `inputs`: the inputs of the task besides the picture. `answer`: text, yes or no, a box,
    boxes with names, or the scene of the picture to generate.

    `kind`: kind of question ("noun", "count", "left of"), for evaluation by kind. `target`: indices of the things that
    the answer is about, if any.
    """

    task: str
    language: Language
    inputs: dict[str, Spans | PixelBox]
    answer: Answer
    kind: str
    target: tuple[int, ...] = field(default=())
