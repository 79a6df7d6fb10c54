"""Pictures for tests, made by Pillow: a shelf with mugs, and all that people send instead."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image as Pillow
from PIL import ImageDraw

SIZE = (64, 48)
RED, BLUE = (192, 57, 43), (58, 86, 212)
MUG = (8, 16, 24, 40)  # the red mug's corners


def shelf(size: tuple[int, int] = SIZE) -> Pillow.Image:
    """A red mug on the left, a blue one on the right."""
    picture = Pillow.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    x0, y0, x1, y1 = MUG
    draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill=RED)
    draw.rectangle((40, y0, 55, y1 - 1), fill=BLUE)
    return picture


def encode_picture(picture: Pillow.Image, form: str = "PNG", **options: Any) -> bytes:
    into = BytesIO()
    picture.save(into, form, **options)
    return into.getvalue()


PNG = encode_picture(shelf())


def rotated_photo(orientation: int, form: str = "JPEG", **options: Any) -> bytes:
    """The shelf as a camera held that way writes it: turned back by EXIF's word, it is the shelf again."""
    back = {1: None, 3: Pillow.Transpose.ROTATE_180, 6: Pillow.Transpose.ROTATE_90, 8: Pillow.Transpose.ROTATE_270}
    turn = back[orientation]
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    picture = shelf() if turn is None else shelf().transpose(turn)
    return encode_picture(picture, form, exif=exif, **options)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header says how large it is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def animated_picture(form: str) -> bytes:
    return encode_picture(shelf(), form, save_all=True, append_images=[Pillow.new("RGB", SIZE, "black")], duration=40)


SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>'
# What is sent for a picture, under which name, and what is said of it.
BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("empty.png", b"", "is empty"),
    "a text": ("notes.png", b"the red mug", "is not a picture; supported are PNG, JPEG, WebP, GIF and BMP"),
    "half a signature": ("half.png", b"\x89PNG", "is not a picture; supported are PNG, JPEG, WebP, GIF and BMP"),
    "a drawing": ("shelf.svg", SVG, "is an SVG drawing, which has no pixels; "),
    "a web page": ("shelf.png", b"<!DOCTYPE html><html></html>", "is a web page; "),
    "HEIC": (
        "shelf.heic",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        "is HEIC; supported are PNG, JPEG, WebP, GIF and BMP: save it as",
    ),
    "AVIF": ("shelf.avif", b"\0\0\0\x18ftypavif\0\0\0\0", "is AVIF; "),
    "TIFF": ("shelf.tiff", encode_picture(shelf(), "TIFF"), "is TIFF; "),
    "a PDF": ("shelf.pdf", b"%PDF-1.7\n", "is a PDF; "),
    "cut short": ("cut.png", PNG[: len(PNG) // 2], "is damaged or truncated: it cannot be read completely"),
    "a JPEG cut short": ("cut.jpg", encode_picture(shelf((640, 480)), "JPEG")[:2000], "is damaged or truncated"),
    "a header alone": ("head.png", PNG[:33], "is damaged or truncated"),
    "a broken checksum": ("sum.png", PNG[:60] + bytes([PNG[60] ^ 255]) + PNG[61:], "is damaged or truncated"),
    "900 megapixels": (
        "huge.png",
        png_claiming_size(30_000, 30_000),
        "has 30,000 x 30,000 pixels, more than the limit of 40 million",
    ),
    "one row too many": ("large.png", png_claiming_size(40_000, 1_001), "has 40,000 x 1,001 pixels"),
    "a GIF that moves": ("cat.gif", animated_picture("GIF"), "is animated, but only single pictures are supported"),
    "a WebP that moves": ("cat.webp", animated_picture("WEBP"), "is animated, but"),
    "a PNG that moves": ("cat.png", animated_picture("PNG"), "is animated, but"),
}
