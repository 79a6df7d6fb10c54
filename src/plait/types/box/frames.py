"""Frames: the units that a model writes boxes in, and from there to pixels of the picture as it was passed in.

Qwen3-VL writes lists of thousandths, others fractions, others pixels of what they were sent, all of them in the order
left, top, right, bottom. Which one it is cannot be seen from the numbers, so it is told in plait.toml.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plait.core.errors import SettingsError

BINS = 512  # locations along an axis, as the unified model writes them: half a pixel of a picture of 256
Corners = tuple[int, int, int, int]
SAID = {
    "pixels": "in pixels of the picture",
    "per-mille": "in thousandths of the picture's width and height",
    "unit": "in fractions of the picture's width and height, 0 to 1",
}


@dataclass(frozen=True)
class Frame:
    """`width` and `height` in the frame's own units of the picture, whose `size` is in pixels; with `square` those of
    the square in whose top left corner the picture lies, as the unified model sees it.
    """

    width: int
    height: int
    size: tuple[int, int]
    whole: bool = True
    square: bool = False

    @property
    def scales(self) -> tuple[float, ...]:
        """Pixels per unit, for each corner."""
        across, down = (max(self.size),) * 2 if self.square else self.size
        across, down = across / self.width, down / self.height
        return across, down, across, down

    def pixels(self, numbers: Sequence[float]) -> Corners:
        """The nearest whole pixels of the picture. What has an area keeps one, be it of a single pixel."""
        ends = (*self.size, *self.size)
        x0, y0, x1, y1 = (
            min(end, round(number * scale)) for number, scale, end in zip(numbers, self.scales, ends, strict=True)
        )
        (x0, x1), (y0, y1) = apart(x0, x1, 1, self.size[0]), apart(y0, y1, 1, self.size[1])
        return x0, y0, x1, y1

    def numbers(self, corners: Corners) -> list[int | float]:
        """The same box in the frame's units; a thin one is widened to one unit, so that it stays a box."""
        spread = [corner / scale for corner, scale in zip(corners, self.scales, strict=True)]
        if not self.whole:
            return [round(number, 6) for number in spread]
        x0, y0, x1, y1 = map(round, spread)
        (x0, x1), (y0, y1) = apart(x0, x1, 1, self.width), apart(y0, y1, 1, self.height)
        return [x0, y0, x1, y1]


def apart(low: int, high: int, least: int, end: int) -> tuple[int, int]:
    """Both ends, at least so far apart, and not beyond the end."""
    if high - low >= least:
        return low, high
    low = min(low, end - least)
    return low, low + least


def frame(name: str, picture: Any) -> Frame:
    """The frame of that name on a picture. Raises SettingsError where none is called so."""
    match name:
        case "pixels":
            width, height = picture.sent_size
            return Frame(width, height, picture.size)
        case "per-mille":
            return Frame(1_000, 1_000, picture.size)
        case "unit":
            return Frame(1, 1, picture.size, whole=False)
        case "bins":  # Plait's own model: from the first bin to the last along the longer side
            return Frame(BINS - 1, BINS - 1, picture.size, square=True)
        case _:
            raise SettingsError(
                f"no frame of boxes is called {name!r}", hint=f"write boxes = one of {', '.join(SAID)} in plait.toml"
            )
