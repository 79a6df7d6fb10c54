"""A scene: things, their boxes and the background. All texts about a picture are derived from it, so they are exact.

Boxes are in whole pixels of the canvas, left, top, right, bottom, tight around the visible part of a sprite.
"""

from dataclasses import dataclass, field

CANVAS_SIDE = 96  # pixels of the square canvas
PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True)
class Thing:
    """One sprite on the canvas. `noun` and `style` index the atlas; `colour` is the sprite's dominant colour, an index
    into `palette.COLOURS`, or None if no single colour covers most of it.
    """

    noun: int
    style: int
    box: PixelBox
    mirrored: bool
    colour: int | None

    @property
    def centre(self) -> tuple[float, float]:
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def side(self) -> int:
        """The longer side in pixels."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)


@dataclass(frozen=True)
class Scene:
    """`things` are ordered from left to right by centre; `ground` indexes `palette.COLOURS`, `ground_rgb` is its exact
    shade. If `wide`, nouns that are called absent also come from the wide atlas.
    """

    things: tuple[Thing, ...]
    ground: int
    ground_rgb: tuple[int, int, int]
    wide: bool = field(default=False, repr=False)
