"""Folders saved by Hugging Face's `datasets`: memory-mapped Arrow streams, with their features in JSON.

Read with pyarrow alone. Format: `Dataset.save_to_disk`, arrow.apache.org, "IPC streaming format".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.foundation.data.sources.arrow import first_line, import_pyarrow, pyarrow_errors
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.columns import ColumnarTable
from plait.foundation.data.sources.hf_features import features_from_info, features_from_metadata
from plait.foundation.data.sources.row_groups import unique_column_names
from plait.foundation.data.sources.table import files_sha256, unreadable_file_error


@dataclass(frozen=True)
class ArrowShard:
    """One Arrow stream.

    `starts` are byte offsets of its batches. Batches are memory-mapped, so only the pages of a row are read.
    """

    file: Path
    column_names: tuple[str, ...]
    row_counts: tuple[int, ...]
    features: Mapping[str, object]
    batch_starts: tuple[int, ...]
    schema: Any

    def read_chunk(self, chunk_index: int, columns: tuple[str, ...]) -> Any:
        with import_pyarrow().memory_map(str(self.file)) as stream:
            return next(iter_batches(stream, self.schema, self.batch_starts[chunk_index])).select(list(columns))


def saved_table(folder: Path, images: Path | None) -> ColumnarTable:
    """Rows of a saved folder; the rest of a truncated stream is one bad row. Raises InputError, MissingDependency."""
    files = [folder / name for name in shard_names(folder)]
    info = folder / "dataset_info.json"
    features = features_from_info(read_json_object(info)) if info.is_file() else {}
    sha256 = files_sha256([*files, *([info] if info.is_file() else [])])
    bad: list[BadRow] = []
    shards = tuple(arrow_shard(file, features, bad) for file in files)
    return ColumnarTable(folder, images or folder, sha256, shards, tuple(bad))


def shard_names(folder: Path) -> Iterator[str]:
    """Names of the shards. Raises InputError for a name that leads out of the folder."""
    state = read_json_object(folder / "state.json")
    if state.get("_indices_data_files"):
        hint = "save it again: dataset.flatten_indices().save_to_disk(folder)"
        raise InputError(f"{folder} has an index mapping, which Plait does not read", hint=hint)
    files = state.get("_data_files")
    for each in files if isinstance(files, list) else ():
        name = each.get("filename") if isinstance(each, dict) else None
        if not isinstance(name, str) or name != Path(name).name or (folder / name).is_symlink():
            hint = "it should name files in its own folder"
            raise InputError(f"{folder / 'state.json'} names {quote(name) or 'no file'}", hint=hint)
        yield name


def read_json_object(file: Path) -> dict[str, Json]:
    """Reads a JSON object from a file. Raises InputError."""
    try:
        json_value = loads(file.read_bytes(), str(file))
    except OSError as error:
        raise unreadable_file_error(file, error) from None
    if not isinstance(json_value, dict):
        raise InputError(f"{file} should contain an object, not {quote(json_value)}", hint="save the dataset again")
    return json_value


def arrow_shard(file: Path, features: Mapping[str, object], bad_rows: list[BadRow]) -> ArrowShard:
    """Finds the batches of a stream; each is validated once. Raises InputError."""
    counts: list[int] = []
    starts: list[int] = []
    try:
        with import_pyarrow().memory_map(str(file)) as stream:
            schema = import_pyarrow("ipc").read_schema(stream)
            names = unique_column_names(file, tuple(schema.names))
            check_no_dictionaries(file, schema)
            try:
                starts.append(stream.tell())
                for batch in iter_batches(stream, schema, stream.tell()):
                    batch.validate(full=True)
                    counts.append(batch.num_rows)
                    starts.append(stream.tell())
            except pyarrow_errors() as error:
                where = f"{file}: row {sum(counts) + 1}"
                bad_rows.append(
                    BadRow(where, f"and the rest cannot be read: {first_line(error)}; the file may be truncated")
                )
    except pyarrow_errors() as error:
        raise InputError(f"{file} is not an Arrow stream: {first_line(error)}", hint="save the dataset again") from None
    return ArrowShard(
        file, names, tuple(counts), features or features_from_metadata(schema.metadata), tuple(starts), schema
    )


def iter_batches(stream: Any, schema: Any, start: int) -> Iterator[Any]:
    """Batches of a stream from a byte offset to its end. Raises the exceptions of pyarrow."""
    ipc = import_pyarrow("ipc")
    stream.seek(start)
    while stream.tell() < stream.size():
        try:
            message = ipc.read_message(stream)
        except EOFError:
            return
        yield ipc.read_record_batch(message, schema)


def check_no_dictionaries(file: Path, schema: Any) -> None:
    """Raises InputError for dictionary-encoded columns.

    Their values are in separate messages, which `datasets` never writes.
    """
    types = import_pyarrow("types")
    dictionary_column = next((each.name for each in schema if types.is_dictionary(each.type)), None)
    if dictionary_column is not None:
        raise InputError(f"{file} holds {dictionary_column} as numbers into a dictionary", hint="save it as texts")
