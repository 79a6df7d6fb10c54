"""A hole in a square picture: what is not known of it, as fractions of its side, in pixels, and in codes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.sizes import SQUARE, Size
from plait.foundation.data.resizing import GROUND

Fractions = tuple[float, float, float, float]  # left, top, right, bottom
Pixels = NDArray[np.uint8]


def pixels_in(hole: Fractions, side: int) -> tuple[int, int, int, int]:
    """The nearest whole pixels; a hole never vanishes."""
    left, top, right, bottom = (min(side, max(0, round(each * side))) for each in hole)
    left, top = min(left, side - 1), min(top, side - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def codes_in(hole: Fractions, size: Size) -> list[int]:
    """The codes of what is painted that a hole touches, row by row."""
    left, top, right, bottom = pixels_in(hole, size.canvas)
    columns, rows = range(left // SQUARE, -(-right // SQUARE)), range(top // SQUARE, -(-bottom // SQUARE))
    return [row * size.codes + column for row in rows for column in columns]


def blanked(picture: Pixels, hole: Fractions) -> Pixels:
    """The picture with a neutral ground in its hole, as beside a picture that is no square."""
    cut = np.array(picture)
    hide(cut, hole)
    return cut


def hide(picture: Any, hole: Fractions) -> None:
    """Lays the neutral ground over the hole, in an array or a tensor (side, side, 3)."""
    left, top, right, bottom = pixels_in(hole, len(picture))
    picture[top:bottom, left:right] = GROUND


def patched(picture: Pixels, hole: Fractions, other: Pixels) -> Pixels:
    """The picture with what another one of its side shows in the hole."""
    left, top, right, bottom = pixels_in(hole, len(picture))
    whole = np.array(picture)
    whole[top:bottom, left:right] = other[top:bottom, left:right]
    return whole
