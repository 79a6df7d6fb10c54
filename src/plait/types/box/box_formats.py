"""Box formats: the units in which a model writes boxes, and their conversion to pixels of the original image.

Qwen3-VL writes lists of thousandths, other models fractions, others pixels of the image they received, all in the order
left, top, right, bottom. The numbers do not reveal the format, so plait.toml sets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plait.core.errors import SettingsError

BINS = 512  # locations along an axis in the unified model's format: half a pixel of a 256-pixel image
Corners = tuple[int, int, int, int]
FORMAT_DESCRIPTIONS = {
    "pixels": "in pixels of the picture",
    "per-mille": "in thousandths of the picture's width and height",
    "unit": "in fractions of the picture's width and height, 0 to 1",
}


@dataclass(frozen=True)
class BoxFormat:
    """The format of boxes on one image.

    `width` and `height` are the image's size in units of the format, `size` in pixels. With `padded_to_square` they are
    those of the square that holds the image in its top left corner, as the unified model sees it.
    """

    width: int
    height: int
    size: tuple[int, int]
    in_integers: bool = True
    padded_to_square: bool = False

    @property
    def scales(self) -> tuple[float, ...]:
        """Pixels per unit, for each corner."""
        across, down = (max(self.size),) * 2 if self.padded_to_square else self.size
        across, down = across / self.width, down / self.height
        return across, down, across, down

    def to_pixels(self, numbers: Sequence[float]) -> Corners:
        """The nearest whole pixels of the image; a box with an area keeps at least one pixel."""
        ends = (*self.size, *self.size)
        x0, y0, x1, y1 = (
            min(end, round(number * scale)) for number, scale, end in zip(numbers, self.scales, ends, strict=True)
        )
        (x0, x1), (y0, y1) = with_min_length(x0, x1, 1, self.size[0]), with_min_length(y0, y1, 1, self.size[1])
        return x0, y0, x1, y1

    def from_pixels(self, corners: Corners) -> list[int | float]:
        """The box in units of this format; a thin one is widened to one unit, so that it keeps an area."""
        spread = [corner / scale for corner, scale in zip(corners, self.scales, strict=True)]
        if not self.in_integers:
            return [round(number, 6) for number in spread]
        x0, y0, x1, y1 = map(round, spread)
        (x0, x1), (y0, y1) = with_min_length(x0, x1, 1, self.width), with_min_length(y0, y1, 1, self.height)
        return [x0, y0, x1, y1]


def with_min_length(low: int, high: int, minimum: int, end: int) -> tuple[int, int]:
    """Both ends, at least `minimum` apart and not beyond `end`."""
    if high - low >= minimum:
        return low, high
    low = min(low, end - minimum)
    return low, low + minimum


def resolve_box_format(name: str, image: Any) -> BoxFormat:
    """The box format of that name for an image. Raises SettingsError for an unknown name."""
    match name:
        case "pixels":
            width, height = image.size_for_model
            return BoxFormat(width, height, image.size)
        case "per-mille":
            return BoxFormat(1_000, 1_000, image.size)
        case "unit":
            return BoxFormat(1, 1, image.size, in_integers=False)
        case "bins":  # Plait's own model: from the first bin to the last along the longer side
            return BoxFormat(BINS - 1, BINS - 1, image.size, padded_to_square=True)
        case _:
            raise SettingsError(
                f"no box format is called {name!r}",
                hint=f"write boxes = one of {', '.join(FORMAT_DESCRIPTIONS)} in plait.toml",
            )
