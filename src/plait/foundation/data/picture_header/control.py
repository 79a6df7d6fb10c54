from plait.core.values.forms import FormFields
from plait.core.values.value_type import Json
from plait.foundation.data.picture_header.value import ImageHeaderType


def read(value_type: ImageHeaderType, fields: FormFields, name: str) -> Json:
    return fields.get_one(name).strip()
