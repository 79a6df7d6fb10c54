"""Value type for images on disk of which only the header is read, so that core checks rows without decoding images."""

from dataclasses import dataclass, replace
from pathlib import Path

from plait.core.errors import InputError
from plait.core.grammar import ast as g
from plait.core.task.declaration import Declaration
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.data_url import image_from_data_url
from plait.core.values.forms import FormFields
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import IMAGE, ValueType, iter_types
from plait.types.image import Image
from plait.types.image.opening import size_on_disk

MIN_SIDE = 16  # pixels of the shorter side: a single image token of the smallest model


@dataclass(frozen=True)
class ImageHeader:
    """Header of an image. `path` is as written in the row; `length` in bytes; `size` in pixels, after orientation."""

    path: str
    length: int
    size: tuple[int, int]


@dataclass(frozen=True)
class ImageHeaderType(ValueType):
    """Value type of a path, relative to `folder`, or a data URL.

    It replaces the type of an image parameter; no annotation leads to it.
    """

    folder: Path

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        return None

    def encode(self, value: object, context: CallContext) -> Json:
        return value.path if isinstance(value, ImageHeader) else None

    def decode(self, json_value: Json, context: CallContext) -> ImageHeader:
        if not isinstance(json_value, str) or not json_value.strip():
            raise InvalidValue("should be the path of a picture", json_value)
        try:
            header = (
                header_from_data_url(json_value) if json_value.startswith("data:") else self.read_header(json_value)
            )
        except InvalidValue as error:
            raise InvalidValue(str(error), json_value) from None
        width, height = header.size
        if min(header.size) < MIN_SIDE:
            raise InvalidValue(f"has {width} x {height} pixels, and {MIN_SIDE} x {MIN_SIDE} are the least", json_value)
        return header

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Text(1, g.MAX_TEXT_LENGTH)

    def read_form(self, fields: FormFields, name: str) -> Json:
        return fields.get_one(name).strip()

    def read_header(self, path: str) -> ImageHeader:
        file = self.folder / Path(path).expanduser()
        try:
            return ImageHeader(path, file.stat().st_size, size_on_disk(file))
        except OSError as error:
            raise InvalidValue(f"cannot be read: {error.strerror}", path) from None


def header_from_data_url(url: str) -> ImageHeader:
    try:
        content = image_from_data_url(url).content
    except ValueError as error:
        raise InvalidValue(str(error), url) from None
    image = Image(content)
    image.check()
    return ImageHeader(url, len(content), image.size)


def with_image_headers(declaration: Declaration, folder: Path) -> Declaration:
    """The task with its image parameters read by header only.

    Raises InputError if the answer has an image, or an image is inside another value instead of being a parameter.
    """
    unsupported = [each.name for each in declaration.parameters if each.has_images and each.value_type.media != IMAGE]
    unsupported += (
        ["the answer"] if any(value_type.media == IMAGE for _, value_type in iter_types(declaration.answer)) else []
    )
    if unsupported:
        raise InputError(
            f"{declaration.name} cannot be trained on: {unsupported[0]} contains pictures",
            hint="training supports pictures only as parameters of their own: picture: Image",
        )
    parameters = tuple(
        replace(each, value_type=ImageHeaderType(folder), annotation=object) if each.has_images else each
        for each in declaration.parameters
    )
    return replace(declaration, parameters=parameters)
