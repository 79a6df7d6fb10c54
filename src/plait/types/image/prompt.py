from plait.core.prompting.prompt import ImageContent
from plait.core.values.value_type import CallContext
from plait.types.image.value import Image, ImageType


def render(value_type: ImageType, value: object, context: CallContext) -> str:
    """How the words speak of a picture that is shown with them: by its place, where there are several."""
    position = next((number for number, each in enumerate(context.images, 1) if each is value), 1)
    return "the picture" if len(context.images) < 2 else f"picture {position}"


def image_content(value_type: ImageType, value: Image) -> ImageContent:
    return value.content_for_model


def describe(value_type: ImageType) -> str:
    return "picture (PNG, JPEG, WebP, GIF, BMP)"
