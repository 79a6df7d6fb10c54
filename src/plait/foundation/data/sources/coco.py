"""COCO annotations as rows of a task, by the types of its inputs and its answer.

    image → list of records of a text and a box      one row per image: all its boxes             `detect`
    image, text → box                                one row per category that occurs once        `locate`
    image, box → text                                one row per box                              `describe_region`
    image → text                                     one row per caption                          `describe`

Crowds are left out, but count in the test whether a category occurs once. An image with a bad annotation gives no row
with all its boxes: an incomplete answer would teach the model to overlook things.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.value_type import IMAGE, ValueType
from plait.foundation.data.sources.coco_file import CocoAnnotation, CocoDataset, read_coco
from plait.foundation.data.sources.table import InMemoryTable, source_sha256
from plait.types.box.box import CORNER_NAMES
from plait.types.box.box_formats import Corners

SUPPORTED_TASKS = (
    "COCO teaches picture -> list of text and box; picture, text -> box; picture, box -> text; picture -> text"
)
LocatedRows = Iterator[tuple[str, dict[str, Json]]]  # location in the file, and the row
RowFactory = Callable[[CocoDataset], LocatedRows]


def coco_table(file: Path, folder: Path, declaration: Declaration) -> InMemoryTable:
    """Rows of a COCO file for a task. Raises InputError if the file is not COCO, or COCO has no rows for the task."""
    factory = row_factory(declaration)
    sha256 = source_sha256(file)
    coco = read_coco_cached(file, folder, sha256)
    rows = tuple((where, dumps(row).encode()) for where, row in factory(coco))
    if not rows and not coco.bad_rows:
        raise InputError(f"{file} has no rows for {declaration.name}", hint=SUPPORTED_TASKS)
    return InMemoryTable(file, folder, sha256, rows, coco.bad_rows)


@lru_cache(maxsize=4)
def read_coco_cached(file: Path, folder: Path, sha256: str) -> CocoDataset:
    """Parsed file, cached by its SHA-256: a file that teaches several tasks is read once."""
    return read_coco(file, folder)


def row_factory(declaration: Declaration) -> RowFactory:
    """Function that makes rows for this task. Raises InputError if COCO has none of this shape."""
    roles = [(role(parameter.value_type), parameter.name) for parameter in declaration.parameters if parameter.required]
    answer = declaration.answer
    match sorted(roles), role(answer):
        case [("image", image)], "" if answer.item_type and (fields := label_and_box_fields(answer.item_type)):
            return lambda coco: detection_rows(coco, image, *fields)
        case [("image", image), ("text" | "label", phrase)] | [("label", phrase), ("image", image)], "box":
            return lambda coco: grounding_rows(coco, image, phrase)
        case [("box", region), ("image", image)], "text" | "label":
            return lambda coco: region_rows(coco, image, region)
        case [("image", image)], "text":
            return lambda coco: caption_rows(coco, image)
        case _:
            raise InputError(f"COCO has no rows for {declaration.name}", hint=SUPPORTED_TASKS)


def label_and_box_fields(value_type: ValueType) -> tuple[str, str] | None:
    """Fields for the label and the box of a record that has exactly these two; else None."""
    by_role = {role(inner): name for name, inner in value_type.columns}
    label = by_role.get("text") or by_role.get("label")
    return (label, by_role["box"]) if label and "box" in by_role and len(value_type.columns) == 2 else None


def role(value_type: ValueType) -> Literal["image", "box", "text", "label", ""]:
    """Role of a value in COCO: image, box, text (a caption or a category name), label (a category name), or none."""
    if value_type.media == IMAGE:
        return "image"
    if value_type.needs_image:
        return "box"
    return "text" if value_type.is_text else "label" if value_type.names_things else ""


def detection_rows(coco: CocoDataset, image_column: str, label_field: str, box_field: str) -> LocatedRows:
    """One row per image, also for images without a box: their answer is the empty list. A file of captions has none."""
    if any(each.caption is not None for each in coco.annotations):
        return
    for id, annotations in coco.annotations_by_image().items():
        if id not in coco.incomplete_images:
            answer: list[Json] = [
                {label_field: each.category, box_field: box_to_json(box)} for each, box in with_boxes(annotations)
            ]
            yield f"{coco.file}: image {id}", {image_column: coco.images[id].path, "answer": answer}


def grounding_rows(coco: CocoDataset, image_column: str, phrase_column: str) -> LocatedRows:
    for id, annotations in coco.annotations_by_image().items():
        counts = Counter(each.category for each in annotations)
        if id in coco.incomplete_images:
            continue  # the category of a bad annotation is unknown, so any category may occur twice
        for each, box in with_boxes(annotations):
            if counts[each.category] == 1:
                yield (
                    each.where,
                    {image_column: image_path(coco, each), phrase_column: each.category, "answer": box_to_json(box)},
                )


def region_rows(coco: CocoDataset, image_column: str, region_column: str) -> LocatedRows:
    for each, box in with_boxes(coco.annotations):
        yield (
            each.where,
            {image_column: image_path(coco, each), region_column: box_to_json(box), "answer": each.category},
        )


def caption_rows(coco: CocoDataset, image_column: str) -> LocatedRows:
    for each in coco.annotations:
        if each.caption is not None:
            yield each.where, {image_column: image_path(coco, each), "answer": each.caption}


def with_boxes(
    annotations: "tuple[CocoAnnotation, ...] | list[CocoAnnotation]",
) -> Iterator[tuple[CocoAnnotation, Corners]]:
    return ((each, each.box) for each in annotations if each.box is not None)


def image_path(coco: CocoDataset, annotation: CocoAnnotation) -> str:
    return coco.images[annotation.image_id].path


def box_to_json(box: Corners) -> dict[str, Json]:
    return dict(zip(CORNER_NAMES, box, strict=True))
