"""Opens a data file of any format as a table of rows, without a look at the rows."""

from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import SUFFIXES
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.foundation.data.sources.coco import coco_table
from plait.foundation.data.sources.csv_rows import csv_table
from plait.foundation.data.sources.folders import is_saved_dataset, only_source
from plait.foundation.data.sources.hf_datasets import saved_table
from plait.foundation.data.sources.jsonl import json_lines_table
from plait.foundation.data.sources.parquet import parquet_table
from plait.foundation.data.sources.shards import SHARD_SUFFIXES
from plait.foundation.data.sources.table import Table
from plait.foundation.data.sources.webdataset import webdataset_table

SUPPORTED_FORMATS = (
    "JSON lines (.jsonl), a table (.csv), COCO (.json), Parquet, WebDataset (.tar), or a folder that datasets saved"
)
FORMATS = (".jsonl", ".ndjson", ".csv", ".json", *SHARD_SUFFIXES)


def open_table(file: Path, declaration: Declaration, images: Path | None = None) -> Table:
    """Opens a data file by its format. Raises InputError for an unknown format; MissingDependency."""
    if file.is_dir():
        return (
            saved_table(file, images) if is_saved_dataset(file) else open_table(only_source(file), declaration, images)
        )
    match file.suffix.lower():
        case ".csv":
            return csv_table(file, images or file.parent)
        case ".json":
            return coco_table(file, images or file.parent, declaration)
        case ".parquet":
            return parquet_table(file, images)
        case ".tar":
            return webdataset_table(file, images)
        case suffix if suffix in SUFFIXES:
            return json_lines_table(file, images or file.parent)
        case _:
            raise InputError(f"{file} has an unsupported format", hint=SUPPORTED_FORMATS)


def is_data_file(file: Path) -> bool:
    return file.suffix in FORMATS and (file.suffix != ".json" or is_coco(file))


def is_coco(file: Path) -> bool:
    """Whether a .json in a folder is COCO; other .json files may be there, too."""
    try:
        content = loads(file.read_bytes(), str(file))
    except (InputError, OSError):
        return False
    return isinstance(content, dict) and {"images", "annotations"} <= set(content)
