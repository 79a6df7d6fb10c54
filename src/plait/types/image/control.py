from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Json, WireError
from plait.types.image.image import MOST_BYTES
from plait.types.image.value import ImageKind


def read(kind: ImageKind, fields: Fields, name: str) -> Json:
    """A data URL: what a file chooser sent was made one where the form was received."""
    said = fields.one(name).strip()
    if not said:
        raise WireError("is missing: choose a picture", None)
    return said


def most_bytes(kind: ImageKind) -> int:
    return MOST_BYTES


def filled(kind: ImageKind, wire: Json, name: str) -> Texts:
    return {name: [str(wire)]}
