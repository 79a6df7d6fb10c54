"""`Image`, the Python value of an image: its original bytes, and methods to read and save them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, cast
from urllib.parse import unquote

from plait.core.errors import InputError, Problem
from plait.core.values.data_url import ImageContent, data_url, image_from_data_url
from plait.core.values.json_value import InvalidValue
from plait.core.values.quoting import shorten

if TYPE_CHECKING:
    from PIL import Image as Pillow

T = TypeVar("T")
ImageSource: TypeAlias = Union[str, "PathLike[str]", bytes, IO[bytes], "Pillow.Image", "Image"]
MAX_BYTES = 20 * 2**20
MAX_MODEL_SIDE = 2_048  # pixels of the longer side that is sent to a model; vision models use no more of an image
# Above this size in bytes, the transfer of a lossless copy costs more than its quality is worth.
LOSSLESS = 4 * 2**20


@dataclass(frozen=True, init=False, repr=False)
class Image:
    """An image from a path, bytes, an open file, a data URL or a PIL image; it keeps the original bytes.

    Pixels are read on demand, and when a task is called: RGB, rotated as EXIF says, transparency on white. Two images
    are equal if their bytes are. `file` is the name of the source file, if any.
    """

    content: bytes = field(repr=False)
    file: str = field(default="", compare=False)

    def __init__(self, source: ImageSource, *, file: str = "") -> None:
        content, name = read_source(source)
        object.__setattr__(self, "content", content)
        object.__setattr__(self, "file", "".join(filter(str.isprintable, file or name)))

    def __repr__(self) -> str:
        return f"Image({image_summary(self)})"

    def _repr_png_(self) -> bytes:
        return png(self.pil)

    @property
    def pil(self) -> "Pillow.Image":
        """The image as a new Pillow image. Raises InputError if it cannot be opened."""
        return self._with_input_error(self._open)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels after EXIF rotation. Raises InputError."""
        self._with_input_error(self.check)
        return self.verified_size

    @property
    def media_type(self) -> str:
        """The media type by content, never by file name: `image/png`. Raises InputError."""
        return self._with_input_error(lambda: pillow_module().media_type(self.content))

    @property
    def data_url(self) -> str:
        return data_url(ImageContent(self.media_type, self.content))

    def save(self, path: "str | PathLike[str]") -> None:
        """Writes the original bytes; with the suffix of another format, the image converted to it.

        Raises InputError for an unknown suffix, and OSError.
        """
        suffix = Path(path).suffix.lower().replace(".jpg", ".jpeg")
        if suffix in ("", f".{self.media_type.removeprefix('image/')}"):
            Path(path).write_bytes(self.content)
        else:
            try:
                self.pil.save(path)
            except ValueError:
                raise InputError(f"{suffix} is not an image format", hint="save it as .png or .jpg") from None

    def check(self) -> None:
        """Raises InvalidValue if the image cannot be read completely."""
        _ = self.verified_size

    @cached_property
    def verified_size(self) -> tuple[int, int]:
        """The size after reading the whole image. Raises InvalidValue."""
        return self._open().size

    @property
    def size_for_model(self) -> tuple[int, int]:
        """The size that is sent to a model: no side longer than MAX_MODEL_SIDE."""
        width, height = self.verified_size
        scale = min(1.0, MAX_MODEL_SIDE / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    @cached_property
    def content_for_model(self) -> ImageContent:
        """The image for a model: pixels without EXIF, which may hold place and camera. Raises InvalidValue."""
        pixels = self._open(min_side=MAX_MODEL_SIDE)
        if pixels.size != self.size_for_model:
            pixels = cast(Any, pixels).resize(self.size_for_model, reducing_gap=2.0)
        if self.media_type not in ("image/jpeg", "image/webp") and len(lossless := png(pixels)) <= LOSSLESS:
            return ImageContent("image/png", lossless)
        return ImageContent("image/jpeg", pillow_module().image_bytes(pixels, "JPEG"))

    def _open(self, min_side: int = 0) -> "Pillow.Image":
        try:
            return pillow_module().open_image(self.content, min_side)
        except InvalidValue as error:
            raise InvalidValue(str(error), ImageSummary(image_summary(self))) from None

    def _with_input_error(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except InvalidValue as error:
            raise InputError(f"{image_summary(self)} {error}") from None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True)
class ImageSummary:
    """The quoted form of a refused image: its name and size, never its content."""

    text: str

    def __repr__(self) -> str:
        return self.text


def image_summary(image: Image) -> str:
    return ", ".join(filter(None, (image.file, f"{len(image.content):,} bytes")))


def pillow_module() -> Any:
    """The module that imports Pillow; declaring a task does not need it until an image is opened."""
    from plait.types.image import opening

    return opening


def png(pixels: "Pillow.Image") -> bytes:
    return pillow_module().image_bytes(pixels, "PNG")


def read_source(source: object) -> tuple[bytes, str]:
    """The bytes of an image, and its file name if it has one. Raises InputError."""
    if isinstance(source, Image):
        return source.content, source.file
    if isinstance(source, str) and source.startswith("data:"):
        return read_url(source)
    if isinstance(source, str | PathLike):
        return read_file(Path(source))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""  # pyright: ignore[reportUnknownArgumentType]
    if (pillow := sys.modules.get("PIL.Image")) and isinstance(source, pillow.Image):
        return png(cast("Pillow.Image", source)), ""
    if callable(stream_reader := getattr(source, "read", None)):
        content = stream_reader(MAX_BYTES + 1)
        if isinstance(content, bytes):
            return content, Path(str(getattr(source, "name", ""))).name
    raise InputError(
        "an Image is made from a path, bytes, an open file, a data URL or a PIL image, "
        f"not from {type(source).__name__}",
        hint='Image("shelf.png"), Image(open("shelf.png", "rb"))',
    )


def read_file(path: Path) -> tuple[bytes, str]:
    if path.parts[:1] in (("http:",), ("https:",)):
        raise InputError(f"{path} is a URL, and Plait fetches none", hint="download it, and pass its bytes")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1), path.name
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", hint="check the path") from None


def read_url(url: str) -> tuple[bytes, str]:
    """The bytes of a data URL; `;name=` is the file name, as Plait writes it."""
    try:
        return image_from_data_url(url).content, name_in_data_url(url)
    except ValueError as error:
        problem = Problem("picture", str(error), shorten(url, 40))
        raise InputError("this is not a picture", problems=(problem,)) from None


def name_in_data_url(url: str) -> str:
    head = url.partition(",")[0].split(";")
    return next((unquote(each[5:]) for each in head if each.startswith("name=")), "")
