"""Images as data URLs (RFC 2397), their JSON form in both directions."""

import base64
import binascii
from dataclasses import dataclass

from plait.core.values.quoting import quote


@dataclass(frozen=True)
class ImageContent:
    """An encoded image for a model, with its media type."""

    media_type: str
    content: bytes


HINT = "send the image itself: data:image/png;base64,..."


def image_from_data_url(url: str) -> ImageContent:
    """The image of a data URL. Raises ValueError with the reason."""
    if not url.startswith("data:"):
        raise ValueError(f"should be a data URL: {quote(url)} is not fetched, and no file is opened")
    head, comma, body = url.removeprefix("data:").partition(",")
    media_type, *parameters = head.split(";")
    if not comma or "".join(parameters[-1:]).lower() != "base64":
        raise ValueError("should be a data URL in base64")
    if not media_type.lower().startswith("image/"):
        raise ValueError(f"should be a picture, not {quote(media_type or 'text/plain')}")
    try:
        content = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError(f"is not valid base64: {error}") from None
    if not content:
        raise ValueError("is an empty image")
    return ImageContent(media_type.lower(), content)


def data_url(image: ImageContent) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.content).decode()}"
