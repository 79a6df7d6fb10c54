"""Draws answers on the picture that the model saw: enlarged, with rounded transparent corners."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from PIL import Image, ImageDraw, ImageFont

from plait.foundation.unified.worlds import rendering
from plait.foundation.unified.worlds.items import Answer, Item, Language
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS
from tools.gallery import painting
from tools.gallery.questions import GalleryAnswer, is_right

ENLARGEMENT = 4
SUPERSAMPLING = 2  # factor by which lines and letters are drawn larger, then scaled down with smoothing
SCALE = ENLARGEMENT * SUPERSAMPLING
CORNER_RADIUS = 14 * SUPERSAMPLING
COLOURS: dict[Language, str] = {"en": "#1d5fd1", "zh": "#d1332e"}
WHITE, DARK = "#ffffff", "#22262b"
FONT = ("sans:bold:lang=zh-cn", 19 * SUPERSAMPLING)
LINE_WIDTH, EDGE_WIDTH = 3 * SUPERSAMPLING, 1 * SUPERSAMPLING
DASH_LENGTH = 7 * SUPERSAMPLING


@dataclass(frozen=True)
class Mark:
    """A box on the canvas with a name above or below it. `is_answer` is False for the right box of a wrong answer."""

    box: PixelBox
    name: str
    colour: str
    above: bool
    is_answer: bool = True


def draw_row(row: GalleryAnswer) -> Image.Image:
    if row.question.task in IMAGE_TASKS:
        return draw_painted(row)
    assert row.question.scene is not None
    side = CANVAS_SIDE * SCALE
    picture = Image.fromarray(rendering.render_scene(row.question.scene)).resize((side, side), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    row_marks = marks(row)
    for mark in row_marks:
        draw_outline(pen, mark)
    for mark in row_marks:
        draw_label(pen, mark, side)
    picture.putalpha(rounded_mask(side))
    return picture.resize((CANVAS_SIDE * ENLARGEMENT, CANVAS_SIDE * ENLARGEMENT), Image.Resampling.LANCZOS)


def draw_painted(row: GalleryAnswer) -> Image.Image:
    """The pictures generated in English and Chinese, after the picture with its hole if there is one."""
    scene = row.question.scene
    before = [] if scene is None else [painting.image_with_hole(row.question.items[0], scene)]
    return painting.side_by_side(
        [*before, *(painting.blank_image() if each is None else cast(Any, each) for each in row.answers)]
    )


def marks(row: GalleryAnswer) -> list[Mark]:
    """Marks in drawing order: right boxes of wrong answers first, because later marks cover earlier ones."""
    pairs = list(zip(row.question.items, row.answers, strict=True))
    missed = [mark for item, answer in pairs if not is_right(item, answer) for mark in reference_marks(item)]
    return missed + [mark for pair in pairs for mark in answer_marks(*pair)]


def reference_marks(item: Item) -> Iterator[Mark]:
    if item.task in ("locate", "detect"):
        yield from (
            Mark(box, "", DARK, item.language == "en", is_answer=False) for box, _ in named_boxes(item, item.answer)
        )


def answer_marks(item: Item, answer: Answer | None) -> Iterator[Mark]:
    yield from (
        Mark(box, name, COLOURS[item.language], item.language == "en") for box, name in named_boxes(item, answer)
    )


def named_boxes(item: Item, answer: Any) -> list[tuple[PixelBox, str]]:
    """The boxes of an answer, or the box in the question, each with its label."""
    match item.task:
        case "describe_region":
            return [(cast("PixelBox", item.inputs["region"]), answer or "?")]
        case "locate" if answer:
            return [(answer, {"en": "en", "zh": "中"}[item.language])]
        case "detect":
            return list(answer or ())
    return []


def draw_outline(pen: ImageDraw.ImageDraw, mark: Mark) -> None:
    """Boxes of both languages are moved apart if they coincide, so that both lines are visible."""
    if not mark.is_answer:
        return draw_dashes(pen, expand_box(mark.box, 0))
    out = LINE_WIDTH if mark.above else 0
    pen.rounded_rectangle(
        expand_box(mark.box, out + EDGE_WIDTH), 5 * SUPERSAMPLING, None, WHITE, LINE_WIDTH + 2 * EDGE_WIDTH
    )
    pen.rounded_rectangle(expand_box(mark.box, out), 4 * SUPERSAMPLING, None, mark.colour, LINE_WIDTH)


def expand_box(box: PixelBox, margin: int) -> PixelBox:
    """The box in canvas pixels, clipped to the canvas."""
    x0, y0, x1, y1 = (edge * SCALE for edge in box)
    most = CANVAS_SIDE * SCALE - 1
    return max(0, x0 - margin), max(0, y0 - margin), min(most, x1 + margin), min(most, y1 + margin)


def draw_dashes(pen: ImageDraw.ImageDraw, box: PixelBox) -> None:
    """Dashes in white on a dark line, visible on any background."""
    pen.rectangle(box, None, DARK, LINE_WIDTH)
    x0, y0, x1, y1 = box
    for x in range(x0, x1, 2 * DASH_LENGTH):
        for y in (y0, y1):
            pen.line((x, y, min(x + DASH_LENGTH, x1), y), WHITE, LINE_WIDTH)
    for y in range(y0, y1, 2 * DASH_LENGTH):
        for x in (x0, x1):
            pen.line((x, y, x, min(y + DASH_LENGTH, y1)), WHITE, LINE_WIDTH)


def draw_label(pen: ImageDraw.ImageDraw, mark: Mark, side: int) -> None:
    """Draws a label at the edge of the box, moved so that all of it is on the picture."""
    if not mark.name:
        return
    face = font(*FONT)
    left, _, end, _ = face.getbbox(mark.name, anchor="ls")
    ascent, descent = face.getbbox("国", anchor="ls")[1], face.getbbox("g", anchor="ls")[3]
    width, height = end - left + 12 * SUPERSAMPLING, descent - ascent + 6 * SUPERSAMPLING
    x = min(max(0, mark.box[0] * SCALE), side - width)
    y = mark.box[1] * SCALE - height // 2 if mark.above else mark.box[3] * SCALE - height // 2
    y = min(max(0, y), side - height)
    pen.rounded_rectangle((x, y, x + width, y + height), 5 * SUPERSAMPLING, mark.colour)
    pen.text((x + 6 * SUPERSAMPLING - left, y + 3 * SUPERSAMPLING - ascent), mark.name, WHITE, face, anchor="ls")


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A system font with Latin and Chinese characters, found by fontconfig."""
    match = subprocess.run(["fc-match", "-f", "%{file}\n%{index}", name], capture_output=True, text=True, check=True)
    file, index = match.stdout.split("\n")
    return ImageFont.truetype(file, size, int(index))


def rounded_mask(side: int) -> Image.Image:
    """Mask that is transparent in the rounded corners."""
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), CORNER_RADIUS, 255)
    return mask
