"""Converts a cell of a column to JSON, by the value type of the column.

A cell that JSON cannot express becomes a value that no type accepts, so reading the row refuses it with the message of
its type.
"""

import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import PurePath
from typing import cast

from plait.core.errors import InputError
from plait.core.values.inputs import json_from_text
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import IMAGE, ValueType
from plait.foundation.data.image_header import ImageHeaderType
from plait.types.image import Image
from plait.types.image.image import MAX_BYTES
from plait.types.image.image_type import data_url_with_name

HF_IMAGE_FIELDS = {"bytes", "path"}  # the columns of an image in Hugging Face's format


def cell_to_json(value_type: ValueType, cell: object) -> Json:
    """JSON form of a cell for a value type."""
    if inner := value_type.optional_type:
        return None if cell is None else cell_to_json(inner, cell)
    if is_image_column(value_type):
        return image_to_json(cell)
    if isinstance(cell, str):  # a column of texts may hold the JSON of anything but a scalar
        return cell if value_type.is_scalar else text_to_json(value_type, cell)
    if (item_type := value_type.item_type) and (items := list_items(cell)) is not None:
        return [cell_to_json(item_type, each) for each in items]
    if isinstance(cell, dict) and value_type.children and not item_type:
        return record_to_json(dict(value_type.children), cell)
    return untyped_to_json(cell)


def is_image_column(value_type: ValueType) -> bool:
    """Whether a column holds images. ImageHeaderType replaces the image type of a task in training."""
    return value_type.media == IMAGE or isinstance(value_type, ImageHeaderType)


def text_to_json(value_type: ValueType, text: str) -> Json:
    """Parses a text as a cell of a table; an unparsable text is returned as it is: decoding reports it."""
    try:
        return json_from_text(value_type, text, "text")
    except (InputError, InvalidValue):
        return text


def list_items(cell: object) -> "list[object] | None":
    """Items of a list. A record of lists, which `datasets` makes of a list of records, is transposed."""
    if isinstance(cell, list):
        return cast("list[object]", cell)
    if isinstance(cell, dict) and cell and all(isinstance(each, list) for each in cell.values()):
        lists = cast("dict[str, list[object]]", cell)
        if len(set(map(len, lists.values()))) == 1:
            return [dict(zip(lists, each, strict=True)) for each in zip(*lists.values(), strict=True)]
    return None


def record_to_json(field_types: Mapping[str, ValueType], cell: Mapping[str, object]) -> Json:
    """JSON object of a record.

    In a column every row has all fields, so null means missing, unless the type admits null.
    """
    return {
        name: cell_to_json(field_types[name], each) if name in field_types else untyped_to_json(each)
        for name, each in cell.items()
        if each is not None or (name in field_types and field_types[name].optional_type)
    }


def image_to_json(cell: object) -> Json:
    """A path as it is; bytes as a data URL. Of Hugging Face's record of both, the bytes if it has any."""
    if isinstance(cell, bytes):
        return image_data_url(cell)
    if isinstance(cell, dict) and set(cell) == HF_IMAGE_FIELDS:
        content, path = cell["bytes"], cell["path"]
        name = PurePath(path).name if isinstance(path, str) else ""
        return image_data_url(content, name) if isinstance(content, bytes) else untyped_to_json(path)
    return untyped_to_json(cell)


def image_data_url(content: bytes, name: str = "") -> str:
    """Data URL of an image. One above the size limit is cut to a byte above it, so that it is refused."""
    return data_url_with_name(Image(content[: MAX_BYTES + 1], file=name))


def untyped_to_json(cell: object) -> Json:
    """JSON of an Arrow value without a target type."""
    match cell:
        case None | bool() | int() | str():
            return cell
        case float():
            return cell if math.isfinite(cell) else None  # pandas writes NaN for a missing value
        case Decimal():
            return int(cell) if cell.is_finite() and cell % 1 == 0 else untyped_to_json(float(cell))
        case date() | time():
            return cell.isoformat()
        case list():
            return [untyped_to_json(each) for each in cast("list[object]", cell)]
        case dict():
            return {str(name): untyped_to_json(each) for name, each in cast("dict[object, object]", cell).items()}
        case bytes():
            return {"bytes": len(cell)}
        case _:
            return {type(cell).__name__: str(cell)}
