"""Annotated pictures as rows of a task, by the types of its inputs and its answer.

    image → list of records of a text and a box      one row per image: all its boxes             `detect`
    image, text → box                                one row per category that occurs once        `locate`
    image, box → text                                one row per box                              `describe_region`
    image → text                                     one row per caption                          `describe`

Crowds are left out, but count in the test whether a category occurs once. An image with a bad annotation gives no row
with all its boxes: an incomplete answer would teach the model to overlook things.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.value_type import IMAGE, ValueType
from plait.foundation.data.sources.annotations.annotated_pictures import AnnotatedPictures, Annotation
from plait.foundation.data.sources.table import InMemoryTable
from plait.types.box.box import CORNER_NAMES
from plait.types.box.box_formats import Corners

SUPPORTED_TASKS = (
    "annotated pictures teach picture -> list of text and box; picture, text -> box; picture, box -> text; "
    "picture -> text"
)
LocatedRows = Iterator[tuple[str, dict[str, Json]]]  # location in the file, and the row
RowFactory = Callable[[AnnotatedPictures], LocatedRows]


def annotation_table(source: Path, sha256: str, pictures: AnnotatedPictures, declaration: Declaration) -> InMemoryTable:
    """Rows of annotated pictures for a task. Raises InputError if they have none."""
    rows = tuple((where, dumps(row).encode()) for where, row in row_factory(declaration)(pictures))
    if not rows and not pictures.bad_rows:
        raise InputError(f"{source} has no rows for {declaration.name}", hint=SUPPORTED_TASKS)
    return InMemoryTable(source, pictures.folder, sha256, rows, pictures.bad_rows)


def row_factory(declaration: Declaration) -> RowFactory:
    """Function that makes rows for this task. Raises InputError if annotations have none of this shape."""
    roles = [(role(parameter.value_type), parameter.name) for parameter in declaration.parameters if parameter.required]
    answer = declaration.answer
    match sorted(roles), role(answer):
        case [("image", image)], "" if answer.item_type and (fields := label_and_box_fields(answer.item_type)):
            return lambda pictures: detection_rows(pictures, image, *fields)
        case [("image", image), ("text" | "label", phrase)] | [("label", phrase), ("image", image)], "box":
            return lambda pictures: grounding_rows(pictures, image, phrase)
        case [("box", region), ("image", image)], "text" | "label":
            return lambda pictures: region_rows(pictures, image, region)
        case [("image", image)], "text" | "label":
            return lambda pictures: caption_rows(pictures, image)
        case _:
            raise InputError(f"annotated pictures have no rows for {declaration.name}", hint=SUPPORTED_TASKS)


def label_and_box_fields(value_type: ValueType) -> tuple[str, str] | None:
    """Fields for the label and the box of a record that has exactly these two; else None."""
    by_role = {role(inner): name for name, inner in value_type.columns}
    label = by_role.get("text") or by_role.get("label")
    return (label, by_role["box"]) if label and "box" in by_role and len(value_type.columns) == 2 else None


def role(value_type: ValueType) -> Literal["image", "box", "text", "label", ""]:
    """Role of a value in annotations: image, box, text (a caption or a category's name), label (such a name), none."""
    if value_type.media == IMAGE:
        return "image"
    if value_type.needs_image:
        return "box"
    return "text" if value_type.is_text else "label" if value_type.names_things else ""


def detection_rows(pictures: AnnotatedPictures, image_column: str, label_field: str, box_field: str) -> LocatedRows:
    """One row per image, also for those without a box: their answer is the empty list. Captions alone give none."""
    if pictures.annotations and not any(each.category for each in pictures.annotations):
        return
    for id, annotations in pictures.by_picture().items():
        if id not in pictures.incomplete:
            answer: list[Json] = [
                {label_field: each.category, box_field: box_to_json(box)} for each, box in with_boxes(annotations)
            ]
            yield f"{pictures.source}: image {id}", {image_column: pictures.pictures[id].path, "answer": answer}


def grounding_rows(pictures: AnnotatedPictures, image_column: str, phrase_column: str) -> LocatedRows:
    for id, annotations in pictures.by_picture().items():
        counts = Counter(each.category for each in annotations)
        if id in pictures.incomplete:
            continue  # the category of a bad annotation is unknown, so any category may occur twice
        for each, box in with_boxes(annotations):
            if counts[each.category] == 1:
                yield (
                    each.where,
                    {
                        image_column: image_path(pictures, each),
                        phrase_column: each.category,
                        "answer": box_to_json(box),
                    },
                )


def region_rows(pictures: AnnotatedPictures, image_column: str, region_column: str) -> LocatedRows:
    for each, box in with_boxes(pictures.annotations):
        yield (
            each.where,
            {image_column: image_path(pictures, each), region_column: box_to_json(box), "answer": each.category},
        )


def caption_rows(pictures: AnnotatedPictures, image_column: str) -> LocatedRows:
    for each in pictures.annotations:
        if each.caption is not None:
            yield each.where, {image_column: image_path(pictures, each), "answer": each.caption}


def with_boxes(
    annotations: "tuple[Annotation, ...] | list[Annotation]",
) -> Iterator[tuple[Annotation, Corners]]:
    return ((each, each.box) for each in annotations if each.box is not None)


def image_path(pictures: AnnotatedPictures, annotation: Annotation) -> str:
    return pictures.pictures[annotation.picture_id].path


def box_to_json(box: Corners) -> dict[str, Json]:
    return dict(zip(CORNER_NAMES, box, strict=True))
