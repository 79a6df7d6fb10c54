import re

from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import parse_json
from plait.core.values.value_type import InvalidValue, Json
from plait.types.box.value import CORNER_NAMES, BoxType

FOUR = re.compile(r"\s*\[?\s*" + r"\s*,\s*".join([r"(-?\d{1,9})"] * 4) + r"\s*\]?\s*", re.ASCII)


def read(value_type: BoxType, fields: FormFields, name: str) -> Json:
    """Four fields, or one that says all: `112, 40, 181, 133`, as a flag or a cell of a table does, or its JSON."""
    if name in fields.data:
        return parse_corners(fields.get_one(name))
    return dict(
        zip(CORNER_NAMES, (parse_integer(fields.get_one(f"{name}.{each}")) for each in CORNER_NAMES), strict=True)
    )


def parse_corners(text: str) -> Json:
    match = FOUR.fullmatch(text)
    if match:
        return dict(zip(CORNER_NAMES, map(int, match.groups()), strict=True))
    try:
        return parse_json(text)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", text) from None


def parse_integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", text) from None


def to_fields(value_type: BoxType, json_value: Json, name: str) -> Texts:
    assert isinstance(json_value, dict)
    return {f"{name}.{each}": [str(json_value[each])] for each in CORNER_NAMES}
