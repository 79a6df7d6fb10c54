"""Fits an image of any shape into the square that a model reads (letterbox.py), padded with grey."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from plait.core.errors import InputError
from plait.core.values.json_value import InvalidValue
from plait.foundation.cards.letterbox import Letterbox
from plait.types.image import Image
from plait.types.image.image import image_summary
from plait.types.image.opening import open_image

PADDING_GREY = 128  # of 255, in red, green and blue


def letterbox_image(image: Image, side: int) -> NDArray[np.uint8]:
    """The image as a square, (side, side, 3), RGB. Raises InputError if the image cannot be read."""
    box = Letterbox(image.size, side)
    try:
        # A JPEG decoder halves at no cost; twice the side is enough for an accurate filter.
        picture = open_image(image.content, min_side=2 * side)
    except InvalidValue as error:
        raise InputError(f"{image_summary(image)} {error}") from None
    square = Pillow.new("RGB", (side, side), (PADDING_GREY,) * 3)
    square.paste(picture.resize(box.content_size, Pillow.Resampling.BICUBIC, reducing_gap=3.0), (0, 0))
    return np.array(square)
