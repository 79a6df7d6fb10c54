from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plait.core.errors import InputError
from plait.core.prompting.prompt import ImageContent
from plait.core.values.data_url import data_url, image_from_data_url
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType
from plait.types.image.image import Image, name_in_data_url, pillow_module

WAYS = "an Image, bytes or a data URL; no path is opened, no address fetched"


def data_url_with_name(image: Image) -> str:
    """The data URL of a picture that may be none: the type says so when it reads it, with the name it came under."""
    try:
        media_type = pillow_module().media_type(image.content)
    except InvalidValue:
        media_type = "image/unknown"
    name_in_data_url = f";name={quote(image.file)}" if image.file else ""
    return data_url(ImageContent(f"{media_type}{name_in_data_url}", image.content))


@dataclass(frozen=True)
class ImageType(ValueType):
    """A picture; on the wire a data URL, never a path or an address."""

    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Image):
            raise InvalidValue("should be an Image", repr(value))
        value.check()
        return value.data_url

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str) or not json_value.startswith("data:"):
            raise InvalidValue(
                "should be a picture: an Image, bytes or a data URL; no path is opened, no address fetched", json_value
            )
        try:
            image = Image(image_from_data_url(json_value).content, file=name_in_data_url(json_value))
        except ValueError as error:
            raise InvalidValue(str(error), json_value) from None
        image.check()
        return image

    def residual_checks(self) -> tuple[str, ...]:
        return ("is a picture that can be opened",)


def from_disk(text: str, folder: Path) -> Json:
    """The JSON form that a row or a flag means on the user's own disk: a data URL, or a path from that folder."""
    if text.startswith("data:"):
        return text
    try:
        return data_url_with_name(Image(folder / Path(text).expanduser()))
    except InputError as error:
        raise InvalidValue(error.message, text) from None


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    return ImageType(constraints.description) if annotation is Image else None
