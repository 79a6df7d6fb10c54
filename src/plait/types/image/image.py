"""A picture as Python holds it: the bytes that came, and what is asked of them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, cast
from urllib.parse import unquote

from plait.core.errors import InputError, Problem
from plait.core.prompting.prompt import ImageContent
from plait.core.values.data_url import data_url, image_from_data_url
from plait.core.values.value_type import InvalidValue

if TYPE_CHECKING:
    from PIL import Image as Pillow

T = TypeVar("T")
Source: TypeAlias = Union[str, "PathLike[str]", bytes, IO[bytes], "Pillow.Image", "Image"]
MOST_BYTES = 20 * 2**20
SENT = 2_048  # pixels of the longer side that a model is sent; vision models read no more of a picture
# Above this, a lossless copy costs more on its way than it shows.
LOSSLESS = 4 * 2**20


@dataclass(frozen=True, init=False, repr=False)
class Image:
    """A picture, from a path, bytes, an open file, a data URL or a PIL image; it holds the bytes as they were.

    Its pixels are read when they are asked for, and when a task is: RGB, turned as EXIF says, on white where it was
    see-through. Two pictures are equal where their bytes are. `file` is the name that it was read under, if any.
    """

    content: bytes = field(repr=False)
    file: str = field(default="", compare=False)

    def __init__(self, source: Source, *, file: str = "") -> None:
        content, name = read(source)
        object.__setattr__(self, "content", content)
        object.__setattr__(self, "file", "".join(filter(str.isprintable, file or name)))

    def __repr__(self) -> str:
        return f"Image({came(self)})"

    def _repr_png_(self) -> bytes:
        return png(self.pil)

    @property
    def pil(self) -> "Pillow.Image":
        """The picture for Pillow, opened anew each time. Raises InputError where it cannot be."""
        return self._told(self._opened)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as it is looked at. Raises InputError."""
        self._told(self.check)
        return self.checked

    @property
    def media_type(self) -> str:
        """By its content, never by its name: `image/png`. Raises InputError."""
        return self._told(lambda: opening().media_type(self.content))

    @property
    def data_url(self) -> str:
        return data_url(ImageContent(self.media_type, self.content))

    def save(self, path: "str | PathLike[str]") -> None:
        """Writes the bytes as they are; under the ending of another format, the picture in that format.

        Raises InputError for an ending that says none, and OSError.
        """
        ending = Path(path).suffix.lower().replace(".jpg", ".jpeg")
        if ending in ("", f".{self.media_type.removeprefix('image/')}"):
            Path(path).write_bytes(self.content)
        else:
            try:
                self.pil.save(path)
            except ValueError:
                raise InputError(f"no format is called {ending}", hint="save it as .png or .jpg") from None

    def check(self) -> None:
        """Raises WireError where not all of it can be read."""
        _ = self.checked

    @cached_property
    def checked(self) -> tuple[int, int]:
        """The size, known once all of it was read. Raises WireError."""
        return self._opened().size

    @property
    def sent_size(self) -> tuple[int, int]:
        """The size that a model is sent: no side longer than SENT."""
        width, height = self.checked
        shrunk = min(1.0, SENT / max(width, height))
        return max(1, round(width * shrunk)), max(1, round(height * shrunk))

    @cached_property
    def sent(self) -> ImageContent:
        """What a model is sent: pixels alone, without the place and camera that a photo tells of. Raises WireError."""
        pixels = self._opened(within=SENT)
        if pixels.size != self.sent_size:
            pixels = cast(Any, pixels).resize(self.sent_size, reducing_gap=2.0)
        if self.media_type not in ("image/jpeg", "image/webp") and len(lossless := png(pixels)) <= LOSSLESS:
            return ImageContent("image/png", lossless)
        return ImageContent("image/jpeg", opening().encoded(pixels, "JPEG"))

    def _opened(self, within: int = 0) -> "Pillow.Image":
        try:
            return opening().opened(self.content, within)
        except InvalidValue as fault:
            raise InvalidValue(str(fault), Came(came(self))) from None

    def _told(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except InvalidValue as fault:
            raise InputError(f"{came(self)} {fault}") from None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True)
class Came:
    """What is quoted of a picture that is refused: its name and size, never itself."""

    said: str

    def __repr__(self) -> str:
        return self.said


def came(image: Image) -> str:
    return ", ".join(filter(None, (image.file, f"{len(image.content):,} bytes")))


def opening() -> Any:
    """What knows Pillow, which a declared task does without until a picture is opened."""
    from plait.types.image import opening

    return opening


def png(pixels: "Pillow.Image") -> bytes:
    return opening().encoded(pixels, "PNG")


def read(source: object) -> tuple[bytes, str]:
    """The bytes of a picture, and its file's name where it has one. Raises InputError."""
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
    if callable(reader := getattr(source, "read", None)):
        content = reader(MOST_BYTES + 1)
        if isinstance(content, bytes):
            return content, Path(str(getattr(source, "name", ""))).name
    raise InputError(
        f"an Image is made of a path, bytes, an open file, a data URL or a PIL image, not of {type(source).__name__}",
        hint='Image("shelf.png"), Image(open("shelf.png", "rb"))',
    )


def read_file(path: Path) -> tuple[bytes, str]:
    if path.parts[:1] in (("http:",), ("https:",)):
        raise InputError(f"{path} is an address, and none is fetched", hint="pass the picture's bytes")
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1), path.name
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", hint="name a file that is there") from None


def read_url(url: str) -> tuple[bytes, str]:
    """The bytes of a data URL; `;name=` is the file's name, as Plait writes it down itself."""
    try:
        return image_from_data_url(url).content, named(url)
    except ValueError as fault:
        problem = Problem("picture", str(fault), f"{url[:40]}…")
        raise InputError("this is no picture", problems=(problem,)) from None


def named(url: str) -> str:
    head = url.partition(",")[0].split(";")
    return next((unquote(each[5:]) for each in head if each.startswith("name=")), "")
