"""Opens a data file of any format as a table of rows, without a look at the rows."""

from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import SUFFIXES
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.annotations.formats import COCO, annotation_format, table_of_annotations
from plait.foundation.data.sources.csv_rows import csv_table
from plait.foundation.data.sources.folders import is_saved_dataset, only_source
from plait.foundation.data.sources.hf_datasets import saved_table
from plait.foundation.data.sources.jsonl import json_lines_table
from plait.foundation.data.sources.parquet import parquet_table
from plait.foundation.data.sources.shards import SHARD_SUFFIXES
from plait.foundation.data.sources.table import Table
from plait.foundation.data.sources.webdataset import webdataset_table

SUPPORTED_FORMATS = (
    "JSON lines (.jsonl), a table (.csv), Parquet, WebDataset (.tar), a folder that datasets saved, "
    "an export of COCO, YOLO, Pascal VOC, CVAT or Label Studio, or a folder for each class"
)
FORMATS = (".jsonl", ".ndjson", ".csv", *SHARD_SUFFIXES)


def open_table(file: Path, declaration: Declaration, images: Path | None = None) -> Table:
    """Opens a data file by its format. Raises InputError for an unknown format; MissingDependency."""
    if file.is_dir() and is_saved_dataset(file):
        return saved_table(file, images)
    if form := annotation_format(file):
        return table_of_annotations(form, file, images, declaration)
    if file.is_dir():
        return open_table(only_source(file), declaration, images)
    match file.suffix.lower():
        case ".csv":
            return csv_table(file, images or file.parent)
        case ".json":
            return table_of_annotations(COCO, file, images, declaration)
        case ".parquet":
            return parquet_table(file, images)
        case ".tar":
            return webdataset_table(file, images)
        case suffix if suffix in SUFFIXES:
            return json_lines_table(file, images or file.parent)
        case _:
            raise InputError(f"{file} has an unsupported format", hint=SUPPORTED_FORMATS)


def is_table(file: Path) -> bool:
    """Whether a file in a folder has rows, by its name; other files may be there, too."""
    return file.suffix in FORMATS
