"""A hole in a square picture: what is not known of it, as fractions of its side, in pixels, and in codes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.sizes import CODE_STRIDE, ModelSize
from plait.foundation.data.resizing import PADDING_GREY

FractionalBox = tuple[float, float, float, float]  # left, top, right, bottom
PixelArray = NDArray[np.uint8]


def hole_pixels(hole: FractionalBox, side: int) -> tuple[int, int, int, int]:
    """The nearest whole pixels; a hole never vanishes."""
    left, top, right, bottom = (min(side, max(0, round(each * side))) for each in hole)
    left, top = min(left, side - 1), min(top, side - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def hole_code_indices(hole: FractionalBox, size: ModelSize) -> list[int]:
    """The codes of what is painted that a hole touches, row by row."""
    left, top, right, bottom = hole_pixels(hole, size.canvas)
    columns, rows = (
        range(left // CODE_STRIDE, -(-right // CODE_STRIDE)),
        range(top // CODE_STRIDE, -(-bottom // CODE_STRIDE)),
    )
    return [row * size.code_grid + column for row in rows for column in columns]


def with_blank_hole(picture: PixelArray, hole: FractionalBox) -> PixelArray:
    """The picture with a neutral ground in its hole, as beside a picture that is no square."""
    masked = np.array(picture)
    blank_hole(masked, hole)
    return masked


def blank_hole(picture: Any, hole: FractionalBox) -> None:
    """Lays the neutral ground over the hole, in an array or a tensor (side, side, 3)."""
    left, top, right, bottom = hole_pixels(hole, len(picture))
    picture[top:bottom, left:right] = PADDING_GREY


def with_patched_hole(picture: PixelArray, hole: FractionalBox, other: PixelArray) -> PixelArray:
    """The picture with what another one of its side shows in the hole."""
    left, top, right, bottom = hole_pixels(hole, len(picture))
    patched = np.array(picture)
    patched[top:bottom, left:right] = other[top:bottom, left:right]
    return patched
