"""A panel of curves, drawn with Pillow: axes with round numbers, a faint line as measured, a strong one smoothed.

Drawn twice as large and scaled down, which is how Pillow's lines become smooth.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

SCALE = 2
WIDTH, HEIGHT = 1_100, 380  # pixels of a panel
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 44, 40
INK, GREY, GRID, BACKGROUND = "#222222", "#777777", "#e6e6e6", "#ffffff"
# Okabe and Ito 2008: told apart by readers who see colours differently.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7a00", "#000000", "#7f3f98")
LABEL_SPACING = 17
SMOOTHING_SHARE = 0.015  # of all steps on the horizontal axis

Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """`curves` by name, each (step, value) in the order of steps. `marks` are named steps, `reference_line` one to
    compare with. `y_bounds` of the vertical axis follow from the values where they are None.
    """

    title: str
    curves: Mapping[str, Sequence[Point]]
    steps: int
    marks: Mapping[str, int]
    reference_line: tuple[str, float] | None = None
    y_bounds: tuple[float, float] | None = None

    @property
    def y_limits(self) -> tuple[float, float]:
        """From 0 to what nearly all values stay below: one spike must not flatten the rest."""
        values = sorted(value for curve in self.curves.values() for _, value in curve)
        return self.y_bounds or (0.0, 1.1 * values[int(0.98 * (len(values) - 1))] or 1.0)

    def to_pixels(self, point: Point) -> Point:
        """Where a point lies, in pixels of the large drawing, held within the axes."""
        low, high = self.y_limits
        across = point[0] / max(1, self.steps)
        up = min(1.0, max(0.0, (point[1] - low) / (high - low)))
        inner = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        return SCALE * (LEFT + across * inner[0]), SCALE * (TOP + (1 - up) * inner[1])


def draw_panels(panels: Sequence[Panel]) -> Image.Image:
    """The panels below each other."""
    sheet = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE * len(panels)), BACKGROUND)
    for row, panel in enumerate(panels):
        sheet.paste(draw_panel(panel), (0, row * HEIGHT * SCALE))
    return sheet.resize((WIDTH, HEIGHT * len(panels)), Image.Resampling.LANCZOS)


def draw_panel(panel: Panel) -> Image.Image:
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), BACKGROUND)
    draw = ImageDraw.Draw(image)
    draw.text((LEFT * SCALE, 10 * SCALE), panel.title, INK, font(15))
    draw_axes(draw, panel)
    draw_marks(draw, panel)
    for colour, curve in zip(COLOURS, panel.curves.values(), strict=False):
        draw.line([panel.to_pixels(point) for point in curve], blend(colour, 0.25), SCALE)
    for colour, curve in zip(COLOURS, panel.curves.values(), strict=False):
        draw.line([panel.to_pixels(point) for point in smooth(curve, panel.steps)], colour, 2 * SCALE, joint="curve")
    draw_labels(draw, panel)
    return image


def draw_axes(draw: ImageDraw.ImageDraw, panel: Panel) -> None:
    low, high = panel.y_limits
    for value in axis_ticks(low, high, 5):
        (left, y), (right, _) = panel.to_pixels((0, value)), panel.to_pixels((panel.steps, value))
        draw.line([(left, y), (right, y)], GRID if value != low else GREY, SCALE)
        draw.text((left - 8 * SCALE, y), f"{value:g}", GREY, font(11), anchor="rm")
    for step in axis_ticks(0, panel.steps, 8):
        x, y = panel.to_pixels((step, low))
        draw.line([(x, y), (x, y + 4 * SCALE)], GREY, SCALE)
        draw.text((x, y + 8 * SCALE), f"{step:,.0f}", GREY, font(11), anchor="mt")
    draw.text((panel.to_pixels((panel.steps, low))[0], (HEIGHT - 12) * SCALE), "steps", GREY, font(11), anchor="rm")


def draw_marks(draw: ImageDraw.ImageDraw, panel: Panel) -> None:
    low, high = panel.y_limits
    for name, step in panel.marks.items():
        (x, bottom), (_, top) = panel.to_pixels((step, low)), panel.to_pixels((step, high))
        draw.line([(x, bottom), (x, top)], "#bbbbbb", SCALE)
        draw.text((x + 4 * SCALE, top - 6 * SCALE), name, GREY, font(11), anchor="lb")
    if panel.reference_line is not None:
        name, value = panel.reference_line
        (left, y), (right, _) = panel.to_pixels((0, value)), panel.to_pixels((panel.steps, value))
        for x in range(round(left), round(right), 10 * SCALE):
            draw.line([(x, y), (x + 5 * SCALE, y)], GREY, SCALE)
        draw.text((left + 6 * SCALE, y - 3 * SCALE), name, GREY, font(11), anchor="lb")


def draw_labels(draw: ImageDraw.ImageDraw, panel: Panel) -> None:
    """Each curve's name and last value beside its end, moved apart where they would cover each other."""
    ends = [
        (panel.to_pixels(smooth(curve, panel.steps)[-1]), colour, f"{name} {smooth(curve, panel.steps)[-1][1]:.3g}")
        for colour, (name, curve) in zip(COLOURS, panel.curves.items(), strict=False)
    ]
    x = panel.to_pixels((panel.steps, 0))[0] + 10 * SCALE
    heights = spread_labels([end[0][1] for end in ends], LABEL_SPACING * SCALE, (HEIGHT - BOTTOM) * SCALE)
    for (end, colour, text), y in zip(ends, heights, strict=True):
        draw.line([end, (x - 2 * SCALE, y)], blend(colour, 0.5), SCALE)
        draw.text((x, y), text, colour, font(12), anchor="lm")


def spread_labels(heights: Sequence[float], distance: float, bottom: float) -> list[float]:
    """The heights in their order, at least a distance between neighbours and none below the bottom."""
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    positions: dict[int, float] = {}
    last = -math.inf
    for at in order:
        last = positions[at] = max(heights[at], last + distance)
    ceiling = bottom
    for at in reversed(order):
        positions[at] = min(positions[at], ceiling)
        ceiling = positions[at] - distance
    return [positions[at] for at in range(len(heights))]


def smooth(curve: Sequence[Point], steps: int) -> list[Point]:
    """A running mean over the past, whose memory is a share of all steps, however many were measured."""
    memory = max(1.0, SMOOTHING_SHARE * steps)
    smoothed: list[Point] = []
    mean, weight, last_step = 0.0, 0.0, -math.inf
    for step, value in curve:
        decay = math.exp(-(step - last_step) / memory)
        weight = 1 + decay * weight
        mean += (value - mean) / weight
        last_step = step
        smoothed.append((step, mean))
    return smoothed


def axis_ticks(low: float, high: float, max_count: int) -> list[float]:
    """Between `max_count` / 2 and `max_count` numbers from low to high, of steps 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max_count or 1.0
    power = 10 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def blend(colour: str, share: float) -> str:
    """The colour on white paper, at this share of its strength."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * SCALE)
