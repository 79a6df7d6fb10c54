"""How a picture of any shape lies in the square that a model sees, and its boxes in the pixels of the square.

Never stretched, since a box's proportions tell a mug from a plate: the longer side fills the square, the picture lies
in its top left corner (the box format "bins" of plait.types.box.box_formats).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plait.types.box.box_formats import Corners
from plait.types.image import Image
from plait.types.image.image import pillow_module

FloatBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Letterbox:
    """`size` is the picture's width and height as it is looked at, `side` the square's, in pixels."""

    size: tuple[int, int]
    side: int

    @property
    def content_size(self) -> tuple[int, int]:
        """Width and height of the picture within the square; a side never vanishes."""
        longer = max(self.size)
        return max(1, round(self.size[0] * self.side / longer)), max(1, round(self.size[1] * self.side / longer))

    @property
    def scales(self) -> tuple[float, float]:
        """Pixels of the square per pixel of the picture, across and down; apart by what rounding the content made."""
        return self.content_size[0] / self.size[0], self.content_size[1] / self.size[1]

    def to_square(self, corners: Sequence[float]) -> FloatBox:
        """A box of the picture's pixels in the square's, not rounded."""
        across, down = self.scales
        x0, y0, x1, y1 = corners
        return x0 * across, y0 * down, x1 * across, y1 * down


def image_with_filled_hole(image: Image, hole: Corners, square: Image) -> Image:
    """The picture with the part of a square of it where its hole is."""
    target_box = Letterbox(image.size, square.size[0]).to_square(hole)
    return Image(pillow_module().paste_region(image.content, square.content, target_box, hole), file=image.file)
