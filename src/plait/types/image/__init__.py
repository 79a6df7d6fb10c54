"""Images: PNG, JPEG, WebP, GIF or BMP, of at most 40 megapixels."""

from plait.types.image.image import Image
from plait.types.image.image_type import ImageType

__all__ = ["Image", "ImageType"]
