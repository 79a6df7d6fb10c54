"""Hole in a square image: the unknown part, as fractions of the side, in pixels, and in codes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.sizes import CODE_STRIDE, ModelSize
from plait.foundation.data.resizing import PADDING_GREY

FractionalBox = tuple[float, float, float, float]  # left, top, right, bottom
PixelArray = NDArray[np.uint8]


def hole_pixels(hole: FractionalBox, side: int) -> tuple[int, int, int, int]:
    """Hole in whole pixels (left, top, right, bottom); at least one pixel in each direction."""
    left, top, right, bottom = (min(side, max(0, round(each * side))) for each in hole)
    left, top = min(left, side - 1), min(top, side - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def hole_code_indices(hole: FractionalBox, size: ModelSize) -> list[int]:
    """Codes of a generated image that the hole touches, row by row."""
    left, top, right, bottom = hole_pixels(hole, size.canvas)
    columns, rows = (
        range(left // CODE_STRIDE, -(-right // CODE_STRIDE)),
        range(top // CODE_STRIDE, -(-bottom // CODE_STRIDE)),
    )
    return [row * size.code_grid + column for row in rows for column in columns]


def with_blank_hole(picture: PixelArray, hole: FractionalBox) -> PixelArray:
    """Copy of the image with the hole filled with grey, the padding colour of an image that is not square."""
    masked = np.array(picture)
    blank_hole(masked, hole)
    return masked


def blank_hole(picture: Any, hole: FractionalBox) -> None:
    """Fills the hole with grey in place, in an array or a tensor (side, side, 3)."""
    left, top, right, bottom = hole_pixels(hole, len(picture))
    picture[top:bottom, left:right] = PADDING_GREY


def with_patched_hole(picture: PixelArray, hole: FractionalBox, other: PixelArray) -> PixelArray:
    """Copy of the image with the hole filled from another image of the same side."""
    left, top, right, bottom = hole_pixels(hole, len(picture))
    patched = np.array(picture)
    patched[top:bottom, left:right] = other[top:bottom, left:right]
    return patched
