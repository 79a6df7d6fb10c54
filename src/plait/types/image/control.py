from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.image.image import MOST_BYTES
from plait.types.image.value import ImageKind


def read(kind: ImageKind, fields: FormFields, name: str) -> Json:
    """A data URL: what a file chooser sent was made one where the form was received."""
    said = fields.get_one(name).strip()
    if not said:
        raise InvalidValue("is missing: choose a picture", None)
    return said


def most_bytes(kind: ImageKind) -> int:
    return MOST_BYTES


def filled(kind: ImageKind, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
