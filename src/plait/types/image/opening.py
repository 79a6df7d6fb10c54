"""Bytes as pixels. Everything that Pillow does is done here, and nothing is believed: not the name, not the header.

What is opened came from anyone. Its first bytes say which of five readers it gets, its header whether it is small
enough to be read at all, and only then are its pixels read.
"""

import os
import re
import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

from PIL import Image as Pillow

from plait.core.values.value_type import InvalidValue
from plait.types.image.image import MOST_BYTES

MOST_PIXELS = 40_000_000
READ = "PNG, JPEG, WebP, GIF and BMP"
# Pillow holds a pixel in four bytes: a picture of 40 megapixels takes 160 MB, and as much again while it is turned.
AT_ONCE = threading.BoundedSemaphore(2)
READERS = {
    "image/png": ("PngImagePlugin", "PngImageFile"),
    "image/jpeg": ("JpegImagePlugin", "JpegImageFile"),
    "image/webp": ("WebPImagePlugin", "WebPImageFile"),
    "image/gif": ("GifImagePlugin", "GifImageFile"),
    "image/bmp": ("BmpImagePlugin", "BmpImageFile"),
}
SIGNATURES = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"RIFF.{4}WEBP", "image/webp"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"BM.{4}\0{4}", "image/bmp"),
)
# What people send for a picture all the same, and how they get out of it.
OTHERS = (
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg", "an SVG drawing, which has no pixels"),
    (rb"\s*<(!doctype html|html)", "a web page"),
    (rb".{4}ftyp(hei|hev|mif|msf)", "HEIC"),
    (rb".{4}ftypavi", "AVIF"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"%PDF", "a PDF"),
)
# What EXIF says wrongly is passed over here; one filter for ever, because those of a block are not safe in threads.
warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning)
ORIENTATION = 0x0112
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
SIDEWAYS = (TURNS[5], TURNS[6], TURNS[7], TURNS[8])


def media_type(content: bytes) -> str:
    """The format by the content's own first bytes. Raises WireError where it is none that is read."""
    if not content:
        raise InvalidValue("is empty", None)
    head = content[:1024]
    for signature, found in SIGNATURES:
        if re.match(signature, head, re.DOTALL):
            return found
    for signature, what in OTHERS:
        if re.match(signature, head, re.DOTALL | re.IGNORECASE):
            raise InvalidValue(f"is {what}; {READ} are read: save it as PNG", None)
    raise InvalidValue(f"is no picture; {READ} are read", None)


def opened(content: bytes, within: int = 0) -> Pillow.Image:
    """The picture as it is looked at: RGB, turned as EXIF says, on white where it was see-through. Raises WireError.

    `within` lets a JPEG be read at a half, a quarter or an eighth of its size, as long as no side gets shorter.
    """
    with AT_ONCE:
        found = header(content)
        if within:
            found.draft("RGB", (within, within))
        return guarded(lambda: as_looked_at(found))


def size_on_disk(file: Path) -> tuple[int, int]:
    """Width and height as it is looked at, told by the header alone: a picture cut short is not found out.

    Raises WireError, and OSError where there is no such file.
    """
    with file.open("rb") as stream:
        found = header_in(stream, os.fstat(stream.fileno()).st_size)
        width, height = found.size
        return (height, width) if TURNS.get(orientation_in_header(found)) in SIDEWAYS else (width, height)


def header(content: bytes) -> Any:
    return header_in(BytesIO(content), len(content))


def header_in(stream: IO[bytes], length: int) -> Any:
    """The picture, its pixels not read yet. Raises WireError for what is too large or more than one picture."""
    reads = media_type(stream.read(1024))
    stream.seek(0)
    if length > MOST_BYTES:
        raise InvalidValue(f"has more than the {MOST_BYTES // 2**20} MiB that are taken: make it smaller", None)
    file, reader = READERS[reads]
    # Not Pillow.open: it warns of large pictures by itself, and takes a phone's JPEG with a preview for two pictures.
    found = guarded(lambda: getattr(import_module(f"PIL.{file}"), reader)(stream))
    width, height = found.size
    if width * height > MOST_PIXELS:
        raise InvalidValue(
            f"has {width:,} x {height:,} pixels, more than the {MOST_PIXELS // 10**6} million that are taken: "
            "make it smaller",
            None,
        )
    if guarded(lambda: getattr(found, "is_animated", False)):
        raise InvalidValue("moves, and one picture alone is looked at: save the frame that is meant", None)
    return found


def guarded(work: Callable[[], Any]) -> Any:
    """What the work gives. Readers of broken pictures raise whatever they meet: OSError, SyntaxError, struct.error."""
    try:
        return work()
    except Pillow.DecompressionBombError:
        raise InvalidValue(f"has more than the {MOST_PIXELS // 10**6} million pixels that are taken", None) from None
    except Exception:
        raise InvalidValue("is damaged or cut short: it cannot be read to its end", None) from None


def as_looked_at(found: Pillow.Image) -> Pillow.Image:
    found.load()
    turn = TURNS.get(orientation(found))
    plain = in_rgb(found)
    return plain if turn is None else plain.transpose(turn)


def orientation_in_header(found: Pillow.Image) -> int:
    # A PNG's own getexif reads all pixels first, in case EXIF stands behind them.
    return orientation(found, lambda: Pillow.Image.getexif(found))


def orientation(found: Pillow.Image, exif: Callable[[], Pillow.Exif] | None = None) -> int:
    """EXIF's word on how the camera was held; 1 where it says nothing that can be read."""
    try:
        said: object = (exif or found.getexif)().get(ORIENTATION)
    except Exception:
        return 1
    return said if isinstance(said, int) else 1


def in_rgb(found: Pillow.Image) -> Pillow.Image:
    if found.mode.startswith("I"):
        # Sixteen bits of grey: Pillow's own conversion cuts off all above 255 instead of scaling it.
        found = cast(Any, found.convert("I")).point(lambda grey: grey * (1 / 257)).convert("L")  # pyright: ignore
    if found.mode in ("RGBA", "LA", "PA") or "transparency" in found.info:
        layer = found.convert("RGBA")
        found = Pillow.new("RGB", found.size, "white")
        found.paste(layer, mask=layer)
    return found if found.mode == "RGB" else found.convert("RGB")  # converting makes a copy anyway


def encoded(picture: Pillow.Image, form: str) -> bytes:
    into = BytesIO()
    picture.save(into, form, **({"quality": 90} if form == "JPEG" else {}))
    return into.getvalue()


def patched(content: bytes, other: bytes, part: tuple[float, ...], corners: tuple[int, int, int, int]) -> bytes:
    """A picture with the part of another one, in its pixels, where its own corners are; all else is as it was. Of a
    JPEG it is one again, as a PNG of a photograph may be too large to send.
    """
    left, top, right, bottom = corners
    patch = cast(Any, opened(other)).resize((right - left, bottom - top), Pillow.Resampling.BICUBIC, box=part)
    whole = in_rgb(opened(content))
    whole.paste(patch, (left, top))
    return encoded(whole, "JPEG" if media_type(content) == "image/jpeg" else "PNG")
