from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import Json
from plait.types.text.value import TextType


def read(value_type: TextType, fields: FormFields, name: str) -> Json:
    # A browser sends line ends as CRLF (HTML standard, form submission).
    return fields.get_one(name).replace("\r\n", "\n")


def to_fields(value_type: TextType, json_value: Json, name: str) -> Texts:
    return {name: [str(json_value)]}
