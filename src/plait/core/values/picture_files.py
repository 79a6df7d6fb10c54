"""Pictures that rows, flags and examples name by a path, read from the user's own disk: never done over HTTP."""

from pathlib import Path

from plait.core.values.value_type import Fault, InvalidValue, Json, ValueType, type_function


def embed_files(value_type: ValueType, json_value: Json, folder: Path) -> Json:
    """The wire form with every path in it as the data URL of what lies there, meant from the folder. Raises WireError.

    What is no path or does not fit its kind stays as it is: decoding says so.
    """
    if value_type.name == "image":
        return (
            type_function(value_type.package, "value.from_disk")(json_value, folder)
            if isinstance(json_value, str)
            else json_value
        )
    within = dict(value_type.children)
    if "" in within:
        return json_value if json_value is None else embed_files(within[""], json_value, folder)
    if isinstance(json_value, list) and "[]" in within:
        found = {str(place): (within["[]"], item) for place, item in enumerate(json_value)}
        return list(embed_files_in_fields(found, folder).values())
    if isinstance(json_value, dict):
        found = {name: (within[name], each) for name, each in json_value.items() if name in within}
        return {**json_value, **embed_files_in_fields(found, folder)}
    return json_value


def folder_of(where: str) -> Path:
    """The folder of the file that a line stands in, `photos/rows.jsonl:7`: what the line's paths are meant from."""
    return Path(where.rpartition(":")[0]).parent


def embed_files_in_fields(values: dict[str, tuple[ValueType, Json]], folder: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    faults: list[Fault] = []
    for name, (kind, wire) in values.items():
        try:
            found[name] = embed_files(kind, wire, folder)
        except InvalidValue as error:
            faults += error.faults_at(name)
    if faults:
        raise InvalidValue(faults[0].message, None, faults=tuple(faults))
    return found
