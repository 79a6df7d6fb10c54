"""The same rows written as JSON lines, Parquet, WebDataset and a folder of `datasets`, as other programs write them."""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.shelf import PNG

HF_IMAGE = {"bytes": PNG, "path": "a/shelf.png"}
IMAGE = {"_type": "Image"}


def write_parquet(
    file: Path, rows: Sequence[Mapping[str, Any]], group: int = 2, schema: pa.Schema | None = None
) -> Path:
    pq.write_table(pa.Table.from_pylist(with_equal_columns(rows), schema), file, row_group_size=group)
    return file


def with_equal_columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A column has a cell in every row: pyarrow looks for columns in the first one alone."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def with_features(rows: Sequence[Mapping[str, Any]], features: Mapping[str, Any]) -> pa.Schema:
    """The schema of the rows as `datasets` writes it."""
    metadata = json.dumps({"info": {"features": features}})
    return pa.Table.from_pylist(with_equal_columns(rows)).schema.with_metadata({"huggingface": metadata})


def write_tar(file: Path, *members: tuple[str, bytes]) -> Path:
    with tarfile.open(file, "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def write_webdataset(file: Path, rows: Sequence[Mapping[str, Any]], picture: str = "picture") -> Path:
    """Every row with the picture of a shelf."""
    columns = [{name: value for name, value in row.items() if name != picture} for row in rows]
    pairs = [((f"{at:06}.png", PNG), (f"{at:06}.json", json.dumps(row).encode())) for at, row in enumerate(columns)]
    return write_tar(file, *(member for pair in pairs for member in pair))


def save_dataset(folder: Path, rows: Sequence[Mapping[str, Any]], features: Mapping[str, Any], shards: int = 1) -> Path:
    """A folder like that of `Dataset.save_to_disk` of datasets 5.2.0, in batches of two rows."""
    folder.mkdir(parents=True)
    table = pa.Table.from_pylist(with_equal_columns(rows))
    names = [f"data-{at:05}-of-{shards:05}.arrow" for at in range(shards)]
    size = -(-len(rows) // shards)
    for at, name in enumerate(names):
        with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table.slice(at * size, size), max_chunksize=2)
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "1a31", "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"citation": "", "features": features}))
    return folder


def save_splits(folder: Path, **splits: Sequence[Mapping[str, Any]]) -> Path:
    for name, rows in splits.items():
        save_dataset(folder / name, rows, {"picture": IMAGE})
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}))
    return folder
