"""Image files that rows, flags and examples name by path. Read from the user's own disk only, never over HTTP."""

from pathlib import Path

from plait.core.values.json_value import Fault, InvalidValue, Json
from plait.core.values.value_type import ValueType


def embed_files(value_type: ValueType, json_value: Json, folder: Path) -> Json:
    """The JSON form with each image path replaced by the data URL of its file. Raises InvalidValue.

    Paths are relative to `folder`. A value that is not a path or does not fit its type stays unchanged: decoding
    reports it.
    """
    if value_type.media:
        return value_type.from_disk(json_value, folder) if isinstance(json_value, str) else json_value
    within = dict(value_type.children)
    if "" in within:
        return json_value if json_value is None else embed_files(within[""], json_value, folder)
    if isinstance(json_value, list) and "[]" in within:
        values = {str(index): (within["[]"], item) for index, item in enumerate(json_value)}
        return list(embed_files_in_fields(values, folder).values())
    if isinstance(json_value, dict):
        values = {name: (within[name], each) for name, each in json_value.items() if name in within}
        return {**json_value, **embed_files_in_fields(values, folder)}
    return json_value


def folder_of(where: str) -> Path:
    """The folder of the file in a location such as `photos/rows.jsonl:7`; paths in the line are relative to it."""
    return Path(where.rpartition(":")[0]).parent


def embed_files_in_fields(values: dict[str, tuple[ValueType, Json]], folder: Path) -> dict[str, Json]:
    embedded: dict[str, Json] = {}
    faults: list[Fault] = []
    for name, (value_type, json_value) in values.items():
        try:
            embedded[name] = embed_files(value_type, json_value, folder)
        except InvalidValue as error:
            faults += error.faults_at(name)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return embedded
