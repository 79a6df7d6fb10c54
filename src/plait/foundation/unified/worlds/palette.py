"""Colours with unambiguous names, and the background colours of pictures.

Shades between two names (teal, amber, cream) have no name here, since no question about them has a certain answer.
"""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Colour:
    """`zh` is the bare word (红); `zh_full` is used alone (红色)."""

    en: str
    zh: str
    rgb: tuple[int, int, int]

    @property
    def zh_full(self) -> str:
        return f"{self.zh}色"


COLOURS = (
    Colour("red", "红", (221, 46, 50)),
    Colour("orange", "橙", (244, 132, 12)),
    Colour("yellow", "黄", (253, 215, 60)),
    Colour("green", "绿", (67, 160, 71)),
    Colour("blue", "蓝", (40, 120, 220)),
    Colour("purple", "紫", (126, 70, 180)),
    Colour("pink", "粉", (245, 130, 175)),
    Colour("brown", "棕", (121, 75, 50)),
    Colour("black", "黑", (30, 30, 30)),
    Colour("white", "白", (250, 250, 250)),
    Colour("grey", "灰", (140, 140, 140)),
)
RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE, PINK, BROWN, BLACK, WHITE, GREY = range(len(COLOURS))
NO_COLOUR = -1

# Background shades: red, green, blue, and how far each may vary within its name.
_SHADES = {
    RED: ((214, 90, 82), 7),
    ORANGE: ((244, 154, 66), 8),
    YELLOW: ((247, 223, 118), 9),
    GREEN: ((145, 203, 145), 12),
    BLUE: ((132, 180, 238), 10),
    PURPLE: ((174, 136, 216), 7),
    PINK: ((250, 188, 206), 5),
    BROWN: ((150, 112, 85), 8),
    BLACK: ((44, 44, 44), 6),
    WHITE: ((246, 246, 246), 6),
    GREY: ((152, 152, 152), 5),
}
GROUNDS = tuple(_SHADES)


def random_shade(ground: int, rng: random.Random) -> tuple[int, int, int]:
    """A random background shade of that colour; its nearest name is always the colour itself."""
    base, jitter = _SHADES[ground]
    red, green, blue = (min(255, channel + rng.randint(-jitter, jitter)) for channel in base)
    return red, green, blue


def base_shade(ground: int) -> tuple[int, int, int]:
    """The middle background shade of that colour."""
    return _SHADES[ground][0]


_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE_POINT = np.array([0.9505, 1.0, 1.089])


def lab(rgb: NDArray) -> NDArray[np.float64]:
    """Converts sRGB bytes (..., 3) to CIELAB (D65): lightness 0..100, a, b."""
    share = np.asarray(rgb, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE_POINT
    x, y, z = np.moveaxis(np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116), -1, 0)
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), -1)


def contrast(rgb: NDArray, ground: int) -> NDArray[np.float64]:
    """How far sRGB bytes (..., 3) are from the middle shade of a ground, as distance in CIELAB."""
    return np.linalg.norm(lab(rgb) - lab(np.array(_SHADES[ground][0])), axis=-1)


def colour_indices(rgb: NDArray) -> NDArray[np.intp]:
    """The index of the colour name of each of the sRGB bytes (..., 3), or NO_COLOUR between two names.

    Hue decides, except that brown is dark or dull orange and pink is light red. The borders were set by inspecting the
    atlas.
    """
    lightness, a, b = np.moveaxis(lab(rgb), -1, 0)
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    plain, dull = chroma < 11, chroma < 16
    bluish, magenta = (hue >= 180) & (hue < 335), (hue >= 335) | (hue < 20)
    reddish, amber = (hue >= 20) & (hue < 42), (hue >= 52) & (hue < 76)
    rules = (
        ((plain & (lightness <= 29)) | ((lightness < 16) & (chroma < 25)), BLACK),
        (plain & (chroma < 8) & (lightness >= 88), WHITE),
        (plain & (lightness > 35) & (lightness < 84), GREY),
        (plain | (dull & (bluish | magenta)), NO_COLOUR),
        (magenta & (lightness > 60), PINK),
        (magenta & (lightness > 52) & ((hue > 300) | (hue < 8)), PINK),
        (magenta & (lightness <= 52) & (hue >= 14) & (hue < 20), RED),
        (reddish & (lightness > 65) & (hue < 35), PINK),
        ((hue >= 20) & (hue < 76) & (chroma < 46) & (lightness < 62), BROWN),
        (reddish & (chroma >= 48) & (lightness < 62), RED),
        (amber & ((lightness < 55) | ((chroma < 42) & (lightness < 75))), BROWN),
        (amber & (chroma >= 56) & (lightness > 58), ORANGE),
        ((hue >= 76) & (hue < 92) & (lightness < 55), BROWN),
        ((hue >= 83) & (hue < 104) & (lightness > 70) & (chroma > 38), YELLOW),
        ((hue >= 110) & (hue < 180), GREEN),
        ((hue >= 220) & (hue < 297) & (chroma >= 22), BLUE),
        ((hue >= 303) & (hue < 335) & (lightness > 33) & (lightness < 78), PURPLE),
    )
    return np.select([rule for rule, _ in rules], [colour for _, colour in rules], NO_COLOUR)
