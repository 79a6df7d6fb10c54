"""`Image` as a value type. In JSON an image is a data URL, never a path or a web address."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from plait.core.errors import InputError
from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints
from plait.core.values.data_url import ImageContent, data_url, image_from_data_url
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import IMAGE, ValueType
from plait.types.image.image import MAX_BYTES, Image, name_in_data_url, pillow_module


@dataclass(frozen=True)
class ImageType(ValueType):
    name = "image"
    media = IMAGE
    streaming = "previews"

    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        return cls(constraints.description) if annotation is Image else None

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        yield Target(path, is_image=True)

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Image):
            raise InvalidValue("should be an Image", repr(value))
        value.check()
        return value.data_url

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str) or not json_value.startswith("data:"):
            raise InvalidValue(
                "should be a picture: an Image, bytes or a data URL; paths and other URLs are not accepted", json_value
            )
        try:
            image = Image(image_from_data_url(json_value).content, file=name_in_data_url(json_value))
        except ValueError as error:
            raise InvalidValue(str(error), json_value) from None
        image.check()
        return image

    def grammar(self, context: CallContext) -> g.Grammar:
        """Image codes for the unified model. ChatEngine.can refuses the task for models that write text."""
        return g.ImageCodes() if context.box_format == "bins" else g.DATA_URL

    def residual_checks(self) -> tuple[str, ...]:
        return ("is a picture that can be opened",)

    def schema(self) -> dict[str, Json]:
        return {
            "type": "string",
            "pattern": "^data:image/",
            "description": "a picture as data URL: data:image/png;base64,...",
        }

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """The reference to an attached image in the text of a prompt: its number if there are several."""
        position = next((number for number, each in enumerate(context.images, 1) if each is value), 1)
        return "the picture" if len(context.images) < 2 else f"picture {position}"

    def image_content(self, value: object) -> ImageContent:
        assert isinstance(value, Image)
        return value.content_for_model

    def describe(self) -> str:
        return "picture (PNG, JPEG, WebP, GIF, BMP)"

    def score(self, prediction: object, reference: object) -> float:
        """One minus the mean difference of red, green and blue over all pixels; 0 where the sizes differ."""
        assert isinstance(prediction, Image) and isinstance(reference, Image)
        if prediction == reference:
            return 1.0
        if prediction.size != reference.size:
            return 0.0
        from PIL import ImageChops, ImageStat

        difference = ImageStat.Stat(ImageChops.difference(prediction.pil, reference.pil)).mean
        return 1 - sum(difference) / len(difference) / 255

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The data URL; an uploaded file is converted to one where the form is received."""
        url = fields.get_one(name).strip()
        if not url:
            raise InvalidValue("is missing: choose a picture", None)
        return url

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}

    @property
    def max_bytes(self) -> int:
        return MAX_BYTES

    def from_disk(self, text: str, folder: Path) -> Json:
        """The data URL from a row or flag: the text itself, or the file at a path relative to `folder`."""
        if text.startswith("data:"):
            return text
        try:
            return data_url_with_name(Image(folder / Path(text).expanduser()))
        except InputError as error:
            raise InvalidValue(error.message, text) from None

    def placeholder(self) -> Json:
        return "picture.png"

    def python_literal(self, json_value: Json) -> str:
        return f"Image({dumps(json_value)})" if isinstance(json_value, str) else super().python_literal(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        yield "plait", "Image"


def data_url_with_name(image: Image) -> str:
    """The data URL of an image with its file name. Invalid content is refused later, when it is decoded."""
    try:
        media_type = pillow_module().media_type(image.content)
    except InvalidValue:
        media_type = "image/unknown"
    name_in_url = f";name={quote(image.file)}" if image.file else ""
    return data_url(ImageContent(f"{media_type}{name_in_url}", image.content))
