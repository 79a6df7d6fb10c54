"""A cell of a column as JSON has it, by the kind of value that is wanted of it.

What JSON cannot say becomes what no kind takes: reading the row then refuses it in the words of its kind.
"""

import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import PurePath
from typing import cast

from plait.core.errors import InputError
from plait.core.values.inputs import wire_from_text
from plait.core.values.value_type import Json, Kind, WireError
from plait.types.image.image import MOST_BYTES, Image
from plait.types.image.value import with_name

PICTURES = ("image", "header")
NESTED = ("record", "list", "union", "ref", "box")  # kinds that a text may stand for, as in a table of texts
ENCODED = {"bytes", "path"}  # the columns of a picture as Hugging Face writes it


def wire(kind: Kind, cell: object) -> Json:
    """The wire form that a cell means for a kind."""
    if kind.name == "optional":
        return None if cell is None else wire(kind.children[0][1], cell)
    if kind.name in PICTURES:
        return picture(cell)
    if isinstance(cell, str):
        return from_text(kind, cell) if kind.name in NESTED else cell
    if kind.name == "list" and (listed := items(cell)) is not None:
        return [wire(dict(kind.children)["[]"], each) for each in listed]
    if isinstance(cell, dict) and kind.name in ("record", "union"):
        return fields(dict(kind.children), cell)
    return plain(cell)


def from_text(kind: Kind, text: str) -> Json:
    """What a text means, as in a table; the text itself where it means nothing: decoding says so."""
    try:
        return wire_from_text(kind, text, "text")
    except (InputError, WireError):
        return text


def items(cell: object) -> "list[object] | None":
    """The items of a list. A record of lists, which `datasets` makes of a list of records, is turned round."""
    if isinstance(cell, list):
        return cast("list[object]", cell)
    if isinstance(cell, dict) and cell and all(isinstance(each, list) for each in cell.values()):
        lists = cast("dict[str, list[object]]", cell)
        if len(set(map(len, lists.values()))) == 1:
            return [dict(zip(lists, each, strict=True)) for each in zip(*lists.values(), strict=True)]
    return None


def fields(within: Mapping[str, Kind], cell: Mapping[str, object]) -> Json:
    """Every row of a column has all fields: what is null there was not said, unless the kind may be null."""
    return {
        name: wire(within[name], each) if name in within else plain(each)
        for name, each in cell.items()
        if each is not None or (name in within and within[name].name == "optional")
    }


def picture(cell: object) -> Json:
    """A path as it is, bytes as a data URL; of Hugging Face's record of both the bytes, where it has any."""
    if isinstance(cell, bytes):
        return sent(cell)
    if isinstance(cell, dict) and set(cell) == ENCODED:
        content, path = cell["bytes"], cell["path"]
        name = PurePath(path).name if isinstance(path, str) else ""
        return sent(content, name) if isinstance(content, bytes) else plain(path)
    return plain(cell)


def sent(content: bytes, name: str = "") -> str:
    """The data URL of a picture; of one that is too large a byte more than is taken, so that it is refused as such."""
    return with_name(Image(content[: MOST_BYTES + 1], file=name))


def plain(cell: object) -> Json:
    """A value that Arrow has, without asking what it is wanted for."""
    match cell:
        case None | bool() | int() | str():
            return cell
        case float():
            return cell if math.isfinite(cell) else None  # pandas writes NaN where nothing was said
        case Decimal():
            return int(cell) if cell.is_finite() and cell % 1 == 0 else plain(float(cell))
        case date() | time():
            return cell.isoformat()
        case list():
            return [plain(each) for each in cast("list[object]", cell)]
        case dict():
            return {str(name): plain(each) for name, each in cast("dict[object, object]", cell).items()}
        case bytes():
            return {"bytes": len(cell)}
        case _:
            return {type(cell).__name__: str(cell)}
