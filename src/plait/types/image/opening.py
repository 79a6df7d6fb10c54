"""Decoding of untrusted image bytes into pixels. All use of Pillow is in this module.

Neither file name nor header is trusted. The first bytes select one of five readers, the header decides whether the
image is small enough, and only then are the pixels read.
"""

import os
import re
import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Literal, cast

from PIL import Image as Pillow

from plait.core.values.json_value import InvalidValue
from plait.types.image.image import MAX_BYTES

MAX_PIXELS = 40_000_000
READABLE_FORMATS = "PNG, JPEG, WebP, GIF and BMP"
# Pillow stores four bytes per pixel: an image of 40 megapixels takes 160 MB, and the same again while it is rotated.
open_slots = threading.BoundedSemaphore(2)
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
# Common files that are not supported images, each with a hint.
UNSUPPORTED_SIGNATURES = (
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg", "an SVG drawing, which has no pixels"),
    (rb"\s*<(!doctype html|html)", "a web page"),
    (rb".{4}ftyp(hei|hev|mif|msf)", "HEIC"),
    (rb".{4}ftypavi", "AVIF"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"%PDF", "a PDF"),
)
# Invalid EXIF is ignored. One permanent filter, because filters in a `with` block are not thread-safe.
warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning)
ORIENTATION = 0x0112
TRANSPOSITIONS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
Turn = Literal["transpose", "clockwise", "transverse", "counterclockwise"]
TURNS: dict[int, Turn] = {5: "transpose", 6: "clockwise", 7: "transverse", 8: "counterclockwise"}  # by a quarter


def media_type(content: bytes) -> str:
    """The media type by the first bytes of the content. Raises InvalidValue for an unsupported format."""
    if not content:
        raise InvalidValue("is empty", None)
    head = content[:1024]
    for signature, found_type in SIGNATURES:
        if re.match(signature, head, re.DOTALL):
            return found_type
    for signature, description in UNSUPPORTED_SIGNATURES:
        if re.match(signature, head, re.DOTALL | re.IGNORECASE):
            raise InvalidValue(f"is {description}; supported are {READABLE_FORMATS}: save it as PNG", None)
    raise InvalidValue(f"is not a picture; supported are {READABLE_FORMATS}", None)


def open_image(content: bytes, min_side: int = 0) -> Pillow.Image:
    """The image as displayed: RGB, rotated as EXIF says, transparency on white. Raises InvalidValue.

    `min_side` allows decoding a JPEG at a half, a quarter or an eighth of its size, if no side gets shorter than it.
    """
    with open_slots:
        image = read_header(content)
        if min_side:
            image.draft("RGB", (min_side, min_side))
        return call_reader(lambda: upright_rgb(image))


def size_on_disk(file: Path) -> tuple[int, int]:
    """Width and height after EXIF rotation, from the header alone: a truncated image is not detected.

    Raises InvalidValue, and OSError if the file does not exist.
    """
    return frame_on_disk(file)[0]


def frame_on_disk(file: Path) -> tuple[tuple[int, int], Turn | None]:
    """Width and height after EXIF rotation, and the turn of a quarter that it makes, None for another or none. Raises
    as `size_on_disk`.
    """
    with file.open("rb") as stream:
        image = read_stream_header(stream, os.fstat(stream.fileno()).st_size)
        width, height = image.size
        turn = TURNS.get(orientation_in_header(image))
        return ((height, width), turn) if turn else ((width, height), None)


def read_header(content: bytes) -> Any:
    return read_stream_header(BytesIO(content), len(content))


def read_stream_header(stream: IO[bytes], length: int) -> Any:
    """The image with its pixels not read yet. Raises InvalidValue if it is too large or holds more than one image."""
    found_type = media_type(stream.read(1024))
    stream.seek(0)
    if length > MAX_BYTES:
        raise InvalidValue(f"has more than the {MAX_BYTES // 2**20} MiB limit: make it smaller", None)
    file, reader = READERS[found_type]
    # Not Pillow.open: it issues its own warning for large images, and reads a phone's JPEG with a preview as two
    # images.
    image = call_reader(lambda: getattr(import_module(f"PIL.{file}"), reader)(stream))
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InvalidValue(
            f"has {width:,} x {height:,} pixels, more than the limit of {MAX_PIXELS // 10**6} million pixels: "
            "make it smaller",
            None,
        )
    if call_reader(lambda: getattr(image, "is_animated", False)):
        raise InvalidValue("is animated, but only single pictures are supported: save one frame", None)
    return image


def call_reader(work: Callable[[], Any]) -> Any:
    """The result of `work`. Pillow raises many types for broken images: OSError, SyntaxError, struct.error."""
    try:
        return work()
    except Pillow.DecompressionBombError:
        raise InvalidValue(f"has more than {MAX_PIXELS // 10**6} million pixels, which is the limit", None) from None
    except Exception:
        raise InvalidValue("is damaged or truncated: it cannot be read completely", None) from None


def upright_rgb(image: Pillow.Image) -> Pillow.Image:
    image.load()
    transposition = TRANSPOSITIONS.get(orientation(image))
    rgb = to_rgb(image)
    return rgb if transposition is None else rgb.transpose(transposition)


def orientation_in_header(image: Pillow.Image) -> int:
    # A PNG's own getexif reads all pixels first, in case EXIF follows them.
    return orientation(image, lambda: Pillow.Image.getexif(image))


def orientation(image: Pillow.Image, exif: Callable[[], Pillow.Exif] | None = None) -> int:
    """The EXIF orientation; 1 if there is none or it is unreadable."""
    try:
        orientation_value: object = (exif or image.getexif)().get(ORIENTATION)
    except Exception:
        return 1
    return orientation_value if isinstance(orientation_value, int) else 1


def to_rgb(image: Pillow.Image) -> Pillow.Image:
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion clips values above 255 instead of scaling them.
        image = cast(Any, image.convert("I")).point(lambda grey: grey * (1 / 257)).convert("L")  # pyright: ignore
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Pillow.new("RGB", image.size, "white")
        image.paste(layer, mask=layer)
    return image if image.mode == "RGB" else image.convert("RGB")  # converting makes a copy anyway


def image_bytes(image: Pillow.Image, format_name: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format_name, **({"quality": 90} if format_name == "JPEG" else {}))
    return buffer.getvalue()


def paste_region(content: bytes, other: bytes, region: tuple[float, ...], corners: tuple[int, int, int, int]) -> bytes:
    """The image with a region of another one pasted at `corners`; everything else is unchanged.

    A JPEG is saved as a JPEG, since a PNG of a photograph may be too large to send.
    """
    left, top, right, bottom = corners
    patch = cast(Any, open_image(other)).resize((right - left, bottom - top), Pillow.Resampling.BICUBIC, box=region)
    target = to_rgb(open_image(content))
    target.paste(patch, (left, top))
    return image_bytes(target, "JPEG" if media_type(content) == "image/jpeg" else "PNG")


def middle_square(content: bytes, side: int) -> bytes:
    """The largest square in the middle of the image, scaled to a side in pixels, as a PNG."""
    picture = open_image(content, min_side=2 * side)
    shorter, (width, height) = min(picture.size), picture.size
    left, top = (width - shorter) // 2, (height - shorter) // 2
    box = (left, top, left + shorter, top + shorter)
    square = cast(Any, picture).resize((side, side), Pillow.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    return image_bytes(square, "PNG")
