from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plait.core.errors import InputError
from plait.core.prompting.prompt import ImageContent
from plait.core.values.data_url import data_url, image_from_data_url
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType
from plait.types.image.image import Image, named, opening

WAYS = "an Image, bytes or a data URL; no path is opened, no address fetched"


def with_name(image: Image) -> str:
    """The data URL of a picture that may be none: the kind says so when it reads it, with the name it came under."""
    try:
        form = opening().media_type(image.content)
    except InvalidValue:
        form = "image/unknown"
    named = f";name={quote(image.file)}" if image.file else ""
    return data_url(ImageContent(f"{form}{named}", image.content))


@dataclass(frozen=True)
class ImageKind(ValueType):
    """A picture; on the wire a data URL, never a path or an address."""

    description: str = ""

    def encode(self, value: object, beside: CallContext) -> Json:
        if not isinstance(value, Image):
            raise InvalidValue("should be an Image", repr(value))
        value.check()
        return value.data_url

    def decode(self, wire: Json, beside: CallContext) -> object:
        if not isinstance(wire, str) or not wire.startswith("data:"):
            raise InvalidValue(
                "should be a picture: an Image, bytes or a data URL; no path is opened, no address fetched", wire
            )
        try:
            image = Image(image_from_data_url(wire).content, file=named(wire))
        except ValueError as fault:
            raise InvalidValue(str(fault), wire) from None
        image.check()
        return image

    def beyond_grammar(self) -> tuple[str, ...]:
        return ("is a picture that can be opened",)


def from_disk(text: str, folder: Path) -> Json:
    """The wire form that a row or a flag means on the user's own disk: a data URL, or a path from that folder."""
    if text.startswith("data:"):
        return text
    try:
        return with_name(Image(folder / Path(text).expanduser()))
    except InputError as fault:
        raise InvalidValue(fault.message, text) from None


def reads(annotation: object, facts: Constraints, reader: object) -> ValueType | None:
    return ImageKind(facts.description) if annotation is Image else None
