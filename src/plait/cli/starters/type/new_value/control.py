"""The JSON form of what a form's fields hold, and back; control.html draws them.

Without these two files a page shows JSON text.
"""

from new_value.value import PATTERN, NewValueType
from plait.core.values.forms import FormFields, Texts
from plait.core.values.value_type import InvalidValue, Json


def read(value_type: NewValueType, fields: FormFields, name: str) -> Json:
    text = fields.get_one(name).strip()
    match = PATTERN.fullmatch(text)
    if match is None:
        raise InvalidValue("should be a code such as B-1203", text)
    return {"letter": match[1], "number": int(match[2])}


def to_fields(value_type: NewValueType, json_value: Json, name: str) -> Texts:
    match json_value:
        case {"letter": letter, "number": number}:
            return {name: [f"{letter}-{number}"]}
        case _:
            return {name: [str(json_value)]}
