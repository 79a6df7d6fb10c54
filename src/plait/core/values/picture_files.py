"""Pictures that rows, flags and examples name by a path, read from the user's own disk: never done over HTTP."""

from pathlib import Path

from plait.core.values.value_type import Fault, Json, Kind, WireError, part


def with_files(kind: Kind, wire: Json, folder: Path) -> Json:
    """The wire form with every path in it as the data URL of what lies there, meant from the folder. Raises WireError.

    What is no path or does not fit its kind stays as it is: decoding says so.
    """
    if kind.name == "image":
        return part(kind.modality, "value.from_disk")(wire, folder) if isinstance(wire, str) else wire
    within = dict(kind.children)
    if "" in within:
        return wire if wire is None else with_files(within[""], wire, folder)
    if isinstance(wire, list) and "[]" in within:
        found = {str(place): (within["[]"], item) for place, item in enumerate(wire)}
        return list(each_with_files(found, folder).values())
    if isinstance(wire, dict):
        found = {name: (within[name], each) for name, each in wire.items() if name in within}
        return {**wire, **each_with_files(found, folder)}
    return wire


def folder_of(where: str) -> Path:
    """The folder of the file that a line stands in, `photos/rows.jsonl:7`: what the line's paths are meant from."""
    return Path(where.rpartition(":")[0]).parent


def each_with_files(values: dict[str, tuple[Kind, Json]], folder: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    faults: list[Fault] = []
    for name, (kind, wire) in values.items():
        try:
            found[name] = with_files(kind, wire, folder)
        except WireError as error:
            faults += error.inside(name)
    if faults:
        raise WireError(faults[0].message, None, faults=tuple(faults))
    return found
