"""Letterbox: an image of any shape in the square that a model reads, and its boxes in pixels of the square.

The image is never stretched, since the proportions of a box distinguish a mug from a plate. Its longer side fills the
square; it is placed in the top left corner (the box format "bins" of plait.types.box.box_formats).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plait.types.box.box_formats import Corners
from plait.types.image import Image
from plait.types.image.image import pillow_module

FloatBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Letterbox:
    """Mapping between an image and its square.

    `size` is (width, height) of the image after orientation; `side` is that of the square. Both in pixels.
    """

    size: tuple[int, int]
    side: int

    @property
    def content_size(self) -> tuple[int, int]:
        """Width and height of the image within the square, at least 1 pixel each."""
        longer = max(self.size)
        return max(1, round(self.size[0] * self.side / longer)), max(1, round(self.size[1] * self.side / longer))

    @property
    def scales(self) -> tuple[float, float]:
        """Pixels of the square per pixel of the image, (x, y); they differ only by the rounding of `content_size`."""
        return self.content_size[0] / self.size[0], self.content_size[1] / self.size[1]

    def to_square(self, corners: Sequence[float]) -> FloatBox:
        """Converts a box from pixels of the image to pixels of the square, unrounded."""
        across, down = self.scales
        x0, y0, x1, y1 = corners
        return x0 * across, y0 * down, x1 * across, y1 * down


def image_with_filled_hole(image: Image, hole: Corners, square: Image) -> Image:
    """The image, with its hole filled from the square."""
    target_box = Letterbox(image.size, square.size[0]).to_square(hole)
    return Image(pillow_module().paste_region(image.content, square.content, target_box, hole), file=image.file)


def middle_square(image: Image, side: int) -> Image:
    """The square in the middle of an image, with a side in pixels: what a model learns to draw has no border."""
    return Image(pillow_module().middle_square(image.content, side), file=image.file)
