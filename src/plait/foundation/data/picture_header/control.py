from plait.core.values.forms import Fields
from plait.core.values.value_type import Json
from plait.foundation.data.picture_header.value import HeaderKind


def read(kind: HeaderKind, fields: Fields, name: str) -> Json:
    return fields.one(name).strip()
