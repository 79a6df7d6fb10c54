from plait.core.forms import Fields
from plait.core.kinds import Json
from plait.foundation.data.header.value import HeaderKind


def read(kind: HeaderKind, fields: Fields, name: str) -> Json:
    return fields.one(name).strip()
