"""Frames: the units that a model writes boxes in, and from there to pixels of the picture as it was passed in.

Qwen3-VL writes lists of thousandths, others fractions, others pixels of what they were sent, all of them in the order
left, top, right, bottom. Which one it is cannot be seen from the numbers, so it is told in plait.toml.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plait.core.errors import SettingsError

Corners = tuple[int, int, int, int]
SAID = {
    "pixels": "in pixels of the picture",
    "per-mille": "in thousandths of the picture's width and height",
    "unit": "in fractions of the picture's width and height, 0 to 1",
}


@dataclass(frozen=True)
class Frame:
    """`width` and `height` of the picture in the frame's own units; `size` in pixels of the picture itself."""

    width: int
    height: int
    size: tuple[int, int]
    whole: bool = True

    @property
    def scales(self) -> tuple[float, ...]:
        """Pixels per unit, for each corner."""
        across, down = self.size[0] / self.width, self.size[1] / self.height
        return across, down, across, down

    def pixels(self, numbers: Sequence[float]) -> Corners:
        """The nearest whole pixels. What has an area keeps one, be it of a single pixel."""
        x0, y0, x1, y1 = (round(number * scale) for number, scale in zip(numbers, self.scales, strict=True))
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
        case _:
            raise SettingsError(
                f"no frame of boxes is called {name!r}", way_out=f"write boxes = one of {', '.join(SAID)} in plait.toml"
            )
