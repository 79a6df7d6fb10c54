from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plait.core.errors import InputError
from plait.core.prompting.prompt import Picture
from plait.core.values.data_url import data_url, picture_in
from plait.core.values.value_type import Beside, Facts, Json, Kind, WireError
from plait.types.image.image import Image, named, opening

WAYS = "an Image, bytes or a data URL; no path is opened, no address fetched"


def with_name(image: Image) -> str:
    """The data URL of a picture that may be none: the kind says so when it reads it, with the name it came under."""
    try:
        form = opening().media_type(image.content)
    except WireError:
        form = "image/unknown"
    named = f";name={quote(image.file)}" if image.file else ""
    return data_url(Picture(f"{form}{named}", image.content))


@dataclass(frozen=True)
class ImageKind(Kind):
    """A picture; on the wire a data URL, never a path or an address."""

    description: str = ""

    def encode(self, value: object, beside: Beside) -> Json:
        if not isinstance(value, Image):
            raise WireError("should be an Image", repr(value))
        value.check()
        return value.data_url

    def decode(self, wire: Json, beside: Beside) -> object:
        if not isinstance(wire, str) or not wire.startswith("data:"):
            raise WireError(
                "should be a picture: an Image, bytes or a data URL; no path is opened, no address fetched", wire
            )
        try:
            image = Image(picture_in(wire).content, file=named(wire))
        except ValueError as fault:
            raise WireError(str(fault), wire) from None
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
        raise WireError(fault.message, text) from None


def reads(annotation: object, facts: Facts, reader: object) -> Kind | None:
    return ImageKind(facts.description) if annotation is Image else None
