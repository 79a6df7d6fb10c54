from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.image.image import MAX_BYTES
from plait.types.image.value import ImageType


def read(value_type: ImageType, fields: FormFields, name: str) -> Json:
    """A data URL: what a file chooser sent was made one where the form was received."""
    url = fields.get_one(name).strip()
    if not url:
        raise InvalidValue("is missing: choose a picture", None)
    return url


def max_bytes(value_type: ImageType) -> int:
    return MAX_BYTES


def to_fields(value_type: ImageType, json_value: Json, name: str) -> Texts:
    return {name: [str(json_value)]}
