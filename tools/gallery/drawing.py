"""What was answered, drawn on what the model saw: enlarged, with rounded corners, so that it stands on any ground."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from PIL import Image, ImageDraw, ImageFont

from plait.foundation.unified.worlds import rendering
from plait.foundation.unified.worlds.items import Answer, Item, Language
from plait.foundation.unified.worlds.scene import SIDE, Corners
from plait.foundation.unified.worlds.task_items import PAINTED
from tools.gallery import painting
from tools.gallery.asking import Answered, right

LARGER = 4
FINER = 2  # lines and letters are drawn so many times larger, and then made smooth
SCALE = LARGER * FINER
CORNER = 14 * FINER
COLOURS: dict[Language, str] = {"en": "#1d5fd1", "zh": "#d1332e"}
WHITE, DARK = "#ffffff", "#22262b"
FACE = ("sans:bold:lang=zh-cn", 19 * FINER)
LINE, EDGE = 3 * FINER, 1 * FINER
DASH = 7 * FINER


@dataclass(frozen=True)
class Mark:
    """A box of the canvas with a name above it, or below. `sure` is False for what should have been said."""

    box: Corners
    name: str
    colour: str
    above: bool
    sure: bool = True


def drawn(row: Answered) -> Image.Image:
    if row.question.task in PAINTED:
        return painted(row)
    assert row.question.scene is not None
    side = SIDE * SCALE
    picture = Image.fromarray(rendering.drawn(row.question.scene)).resize((side, side), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    found = marks(row)
    for mark in found:
        outline(pen, mark)
    for mark in found:
        label(pen, mark, side)
    picture.putalpha(rounded(side))
    return picture.resize((SIDE * LARGER, SIDE * LARGER), Image.Resampling.LANCZOS)


def painted(row: Answered) -> Image.Image:
    """What was painted in English and in Chinese; of a picture with a hole before them that."""
    scene = row.question.scene
    before = [] if scene is None else [painting.cut(row.question.items[0], scene)]
    return painting.mounted([*before, *(painting.missing() if each is None else cast(Any, each) for each in row.said)])


def marks(row: Answered) -> list[Mark]:
    """What is drawn last lies on top: what should have been said is drawn first."""
    pairs = list(zip(row.question.items, row.said, strict=True))
    missed = [mark for item, said in pairs if not right(item, said) for mark in meant(item)]
    return missed + [mark for pair in pairs for mark in said_of(*pair)]


def meant(item: Item) -> Iterator[Mark]:
    if item.task in ("locate", "detect"):
        yield from (Mark(box, "", DARK, item.language == "en", sure=False) for box, _ in named(item, item.answer))


def said_of(item: Item, said: Answer | None) -> Iterator[Mark]:
    yield from (Mark(box, name, COLOURS[item.language], item.language == "en") for box, name in named(item, said))


def named(item: Item, answer: Any) -> list[tuple[Corners, str]]:
    """The boxes of an answer, or the one that was asked about, each with what stands at it."""
    match item.task:
        case "describe_region":
            return [(cast("Corners", item.inputs["region"]), answer or "?")]
        case "locate" if answer:
            return [(answer, {"en": "en", "zh": "中"}[item.language])]
        case "detect":
            return list(answer or ())
    return []


def outline(pen: ImageDraw.ImageDraw, mark: Mark) -> None:
    """The languages' lines stand side by side where their boxes are the same."""
    if not mark.sure:
        return dashes(pen, wider(mark.box, 0))
    out = LINE if mark.above else 0
    pen.rounded_rectangle(wider(mark.box, out + EDGE), 5 * FINER, None, WHITE, LINE + 2 * EDGE)
    pen.rounded_rectangle(wider(mark.box, out), 4 * FINER, None, mark.colour, LINE)


def wider(box: Corners, by: int) -> Corners:
    """In pixels of what is drawn on, and not beyond its edges."""
    x0, y0, x1, y1 = (edge * SCALE for edge in box)
    most = SIDE * SCALE - 1
    return max(0, x0 - by), max(0, y0 - by), min(most, x1 + by), min(most, y1 + by)


def dashes(pen: ImageDraw.ImageDraw, box: Corners) -> None:
    """White on dark, so that they are seen on any ground."""
    pen.rectangle(box, None, DARK, LINE)
    x0, y0, x1, y1 = box
    for x in range(x0, x1, 2 * DASH):
        for y in (y0, y1):
            pen.line((x, y, min(x + DASH, x1), y), WHITE, LINE)
    for y in range(y0, y1, 2 * DASH):
        for x in (x0, x1):
            pen.line((x, y, x, min(y + DASH, y1)), WHITE, LINE)


def label(pen: ImageDraw.ImageDraw, mark: Mark, side: int) -> None:
    """On the box's edge, and always whole on the picture."""
    if not mark.name:
        return
    face = font(*FACE)
    left, _, end, _ = face.getbbox(mark.name, anchor="ls")
    ascent, descent = face.getbbox("国", anchor="ls")[1], face.getbbox("g", anchor="ls")[3]
    width, height = end - left + 12 * FINER, descent - ascent + 6 * FINER
    x = min(max(0, mark.box[0] * SCALE), side - width)
    y = mark.box[1] * SCALE - height // 2 if mark.above else mark.box[3] * SCALE - height // 2
    y = min(max(0, y), side - height)
    pen.rounded_rectangle((x, y, x + width, y + height), 5 * FINER, mark.colour)
    pen.text((x + 6 * FINER - left, y + 3 * FINER - ascent), mark.name, WHITE, face, anchor="ls")


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The system's own: it has to know both scripts."""
    found = subprocess.run(["fc-match", "-f", "%{file}\n%{index}", name], capture_output=True, text=True, check=True)
    file, index = found.stdout.split("\n")
    return ImageFont.truetype(file, size, int(index))


def rounded(side: int) -> Image.Image:
    """What is seen through nothing but the corners."""
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), CORNER, 255)
    return mask
