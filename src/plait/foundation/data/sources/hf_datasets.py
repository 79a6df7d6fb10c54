"""Folders that Hugging Face's `datasets` saved: Arrow streams, mapped into memory, with what is in them told beside.

Read by pyarrow alone. Format: `Dataset.save_to_disk`, arrow.apache.org, "IPC streaming format".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.quoting import shown
from plait.core.values.value_type import Json
from plait.foundation.data.sources.arrow import arrow, faults, told
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.columns import Columns
from plait.foundation.data.sources.hf_features import features_in, features_of
from plait.foundation.data.sources.row_groups import only_once
from plait.foundation.data.sources.table import digest_of_all, unreadable


@dataclass(frozen=True)
class Batches:
    """`starts` are bytes into the file. A batch is mapped, not read: the pages of a row come as they are looked at."""

    file: Path
    names: tuple[str, ...]
    counts: tuple[int, ...]
    features: Mapping[str, object]
    starts: tuple[int, ...]
    schema: Any

    def portion(self, at: int, columns: tuple[str, ...]) -> Any:
        with arrow().memory_map(str(self.file)) as stream:
            return next(batches(stream, self.schema, self.starts[at])).select(list(columns))


def saved_table(folder: Path, images: Path | None) -> Columns:
    """The rows of a saved folder, what follows a cut told as a bad row. Raises InputError, MissingExtra."""
    files = [folder / name for name in data_files(folder)]
    info = folder / "dataset_info.json"
    features = features_of(object_in(info)) if info.is_file() else {}
    sha256 = digest_of_all([*files, *([info] if info.is_file() else [])])
    bad: list[BadRow] = []
    shards = tuple(batches_of(file, features, bad) for file in files)
    return Columns(folder, images or folder, sha256, shards, tuple(bad))


def data_files(folder: Path) -> Iterator[str]:
    """The names of the shards. Raises InputError for one that would lead out of the folder."""
    state = object_in(folder / "state.json")
    if state.get("_indices_data_files"):
        way_out = "save it anew: dataset.flatten_indices().save_to_disk(folder)"
        raise InputError(f"{folder} holds rows in an order that stands elsewhere", way_out=way_out)
    files = state.get("_data_files")
    for each in files if isinstance(files, list) else ():
        name = each.get("filename") if isinstance(each, dict) else None
        if not isinstance(name, str) or name != Path(name).name or (folder / name).is_symlink():
            way_out = "it names files of its own folder"
            raise InputError(f"{folder / 'state.json'} names {shown(name) or 'no file'}", way_out=way_out)
        yield name


def object_in(file: Path) -> dict[str, Json]:
    """Raises InputError."""
    try:
        found = loads(file.read_bytes(), str(file))
    except OSError as fault:
        raise unreadable(file, fault) from None
    if not isinstance(found, dict):
        raise InputError(f"{file} holds no object, but {shown(found)}", way_out="save the dataset anew")
    return found


def batches_of(file: Path, features: Mapping[str, object], bad: list[BadRow]) -> Batches:
    """Where the batches of a stream begin, each held against its own offsets once. Raises InputError."""
    counts: list[int] = []
    starts: list[int] = []
    try:
        with arrow().memory_map(str(file)) as stream:
            schema = arrow("ipc").read_schema(stream)
            names = only_once(file, tuple(schema.names))
            refuse_dictionaries(file, schema)
            try:
                starts.append(stream.tell())
                for batch in batches(stream, schema, stream.tell()):
                    batch.validate(full=True)
                    counts.append(batch.num_rows)
                    starts.append(stream.tell())
            except faults() as fault:
                where = f"{file}: row {sum(counts) + 1}"
                bad.append(BadRow(where, f"and what follows cannot be read: {told(fault)}; was it cut short?"))
    except faults() as fault:
        raise InputError(f"{file} is no Arrow stream: {told(fault)}", way_out="save the dataset anew") from None
    return Batches(file, names, tuple(counts), features or features_in(schema.metadata), tuple(starts), schema)


def batches(stream: Any, schema: Any, start: int) -> Iterator[Any]:
    """The batches of a stream from a byte on, to its end. Raises what pyarrow does."""
    ipc = arrow("ipc")
    stream.seek(start)
    while stream.tell() < stream.size():
        try:
            message = ipc.read_message(stream)
        except EOFError:
            return
        yield ipc.read_record_batch(message, schema)


def refuse_dictionaries(file: Path, schema: Any) -> None:
    """Raises InputError: their words stand in messages of their own, which `datasets` never writes."""
    types = arrow("types")
    odd = next((each.name for each in schema if types.is_dictionary(each.type)), None)
    if odd is not None:
        raise InputError(f"{file} holds {odd} as numbers into a dictionary", way_out="save it as texts")
