from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json
from plait.types.ref.value import ReferenceType


def read(value_type: ReferenceType, fields: FormFields, name: str) -> Json:
    text = fields.get_one(name).strip()
    if not text.isdecimal():
        raise InvalidValue("should be the number of one of the objects", text)
    return int(text)


def to_fields(value_type: ReferenceType, json_value: Json, name: str) -> Texts:
    return {name: [str(json_value)]}
