"""A form's fields as wire form, and back; control.html draws them.

Without these two files a page shows JSON text.
"""

from new_kind.value import FORM, NewKindKind
from plait.core.values.forms import Fields, Texts
from plait.core.values.value_type import Json, WireError


def read(value_type: NewKindKind, fields: Fields, name: str) -> Json:
    said = fields.one(name).strip()
    found = FORM.fullmatch(said)
    if found is None:
        raise WireError("should be a code such as B-1203", said)
    return {"letter": found[1], "number": int(found[2])}


def to_fields(value_type: NewKindKind, json_value: Json, name: str) -> Texts:
    match json_value:
        case {"letter": letter, "number": number}:
            return {name: [f"{letter}-{number}"]}
        case _:
            return {name: [str(json_value)]}
