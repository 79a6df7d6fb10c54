"""Folders of pictures as Hugging Face's `datasets` reads them: metadata.jsonl or metadata.csv beside them, or a folder
for each class.

Format: huggingface.co/docs/datasets/image_dataset, "ImageFolder". `objects` has lists of the same length: `bbox` as in
COCO, and names of categories; `text` is a caption.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue
from plait.core.values.quoting import quote
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPictures,
    Annotation,
    PictureNotes,
)
from plait.foundation.data.sources.annotations.coco import parse_bbox
from plait.foundation.data.sources.annotations.picture_lookup import find_picture, pictures_in
from plait.foundation.data.sources.folders import is_held_out, subfolders
from plait.foundation.data.sources.shards import files_in

METADATA = ("metadata.jsonl", "metadata.csv")
CATEGORIES = ("categories", "category", "labels", "label")  # what the list of names is called
CAPTIONS = ("text", "caption")
NO_CLASSES = {"train", "training", "images", "labels", "annotations", "data"}  # names of folders with other things


def is_metadata(file: Path) -> bool:
    if file.name not in METADATA or not file.is_file():
        return False
    first = next((row for _, row in metadata_rows(file)), {})
    return "file_name" in first and any(name in first for name in ("objects", *CAPTIONS))


def metadata_rows(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Number of the line and columns of each row. Raises InputError for a line that is no object."""
    text = file.read_text("utf-8-sig", errors="replace")
    if file.suffix == ".csv":
        yield from enumerate(csv.DictReader(text.splitlines()), 2)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            row = loads(line.encode(), f"{file}:{number}")
            if not isinstance(row, dict):
                raise InputError(
                    f"{file}:{number} should be an object, not {quote(row)}", hint='{"file_name": "1.png"}'
                )
            yield number, row


def read_metadata(file: Path, images: Path | None = None) -> AnnotatedPictures:
    """Raises InputError for a file that is no table."""
    notes = PictureNotes(file, images or file.parent)
    for number, row in metadata_rows(file):
        where, name = f"{file}:{number}", str(row.get("file_name", ""))
        if notes.add_picture(number, find_picture(notes.folder, name) or name, None, where):
            add_row(notes, row, number, where)
    return notes.result()


def add_row(notes: PictureNotes, row: Mapping[str, Any], id: int, where: str) -> None:
    caption = next((row[name] for name in CAPTIONS if row.get(name)), None)
    if caption is not None:
        notes.add(Annotation(where, id, caption=str(caption).strip()))
    try:
        for category, bbox in named_boxes(row.get("objects")):
            notes.add(Annotation(where, id, category, *parse_bbox(bbox, notes.pictures[id])))
    except InvalidValue as error:
        notes.add_bad(where, str(error), id)


def named_boxes(objects: object) -> Iterator[tuple[str, Any]]:
    """Raises InvalidValue for lists of different lengths, and for categories that are numbers."""
    if not isinstance(objects, dict):
        return
    columns = cast("dict[str, Any]", objects)
    boxes = columns.get("bbox") or []
    if not isinstance(boxes, list):
        raise InvalidValue(f"objects: bbox should be a list of boxes, not {quote(boxes)}", None)
    names = next((columns[name] for name in CATEGORIES if isinstance(columns.get(name), list)), [])
    if len(names) != len(boxes):
        raise InvalidValue(f"objects: {len(boxes)} boxes and {len(names)} categories", None)
    if numbers := [each for each in names if not isinstance(each, str)]:
        raise InvalidValue(f"objects: the category {quote(numbers[0])} has no name: write names, not numbers", None)
    yield from zip(names, boxes, strict=True)


# Folders of classes


def is_class_folder(folder: Path) -> bool:
    """Whether a folder has nothing but two or more folders of pictures, none of them called like a split."""
    if not folder.is_dir() or files_in(folder):
        return False
    inner = subfolders(folder)
    return len(inner) > 1 and all(is_class(each) for each in inner)


def is_class(folder: Path) -> bool:
    name = re.sub(r"\d+$", "", folder.name.lower())
    return name not in NO_CLASSES and not is_held_out(folder) and bool(pictures_in(folder)) and not subfolders(folder)


def class_files(folder: Path) -> list[Path]:
    return [picture for each in subfolders(folder) for picture in pictures_in(each)]


def read_class_folder(folder: Path, images: Path | None = None) -> AnnotatedPictures:
    """What a picture shows is the name of its folder."""
    notes = PictureNotes(folder, images or folder)
    for picture in class_files(folder):
        path = str(picture.relative_to(folder))
        if notes.add_picture(path, path, None, str(picture)):
            notes.add(Annotation(str(picture), path, caption=picture.parent.name))
    return notes.result()
