import re

from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import parse_json
from plait.core.values.value_type import InvalidValue, Json
from plait.types.box.value import NAMES, BoxKind

FOUR = re.compile(r"\s*\[?\s*" + r"\s*,\s*".join([r"(-?\d{1,9})"] * 4) + r"\s*\]?\s*", re.ASCII)


def read(kind: BoxKind, fields: FormFields, name: str) -> Json:
    """Four fields, or one that says all: `112, 40, 181, 133`, as a flag or a cell of a table does, or its JSON."""
    if name in fields.data:
        return in_one(fields.get_one(name))
    return dict(zip(NAMES, (number(fields.get_one(f"{name}.{each}")) for each in NAMES), strict=True))


def in_one(said: str) -> Json:
    found = FOUR.fullmatch(said)
    if found:
        return dict(zip(NAMES, map(int, found.groups()), strict=True))
    try:
        return parse_json(said)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", said) from None


def number(said: str) -> int:
    try:
        return int(said)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", said) from None


def filled(kind: BoxKind, wire: Json, name: str) -> Texts:
    assert isinstance(wire, dict)
    return {f"{name}.{each}": [str(wire[each])] for each in NAMES}
