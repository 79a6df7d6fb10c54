from plait.core.prompting.prompt import ImageContent
from plait.core.values.value_type import CallContext
from plait.types.image.value import Image, ImageKind


def written(kind: ImageKind, value: object, beside: CallContext) -> str:
    """How the words speak of a picture that is shown with them: by its place, where there are several."""
    place = next((number for number, each in enumerate(beside.images, 1) if each is value), 1)
    return "the picture" if len(beside.images) < 2 else f"picture {place}"


def picture(kind: ImageKind, value: Image) -> ImageContent:
    return value.sent


def outline(kind: ImageKind) -> str:
    return "picture (PNG, JPEG, WebP, GIF, BMP)"
