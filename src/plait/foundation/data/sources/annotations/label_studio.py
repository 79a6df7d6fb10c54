"""Label Studio: a JSON list of tasks, each with a picture and its annotations, whose boxes are in percent.

Format: labelstud.io/guide/export, "JSON". Of several annotations of a picture the first one counts that is not
cancelled. Uploaded pictures get a prefix on their names, which an export of pictures keeps or not.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlparse

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue, Json
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    Annotation,
    PictureNotes,
    corners_around,
    rotated_corners,
)
from plait.foundation.data.sources.annotations.picture_lookup import find_picture, picture_folder
from plait.types.box.box_formats import Corners

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
HEAD = 65_536  # bytes in which the first annotation begins
BOXES = ("rectanglelabels", "polygonlabels")
UNREAD = ("brushlabels", "ellipselabels", "keypointlabels")
Percent = Annotated[float, Field(allow_inf_nan=False)]


class Shape(BaseModel):
    """A rectangle by its first corner and sides, turned around that corner, or the points of a polygon."""

    x: Percent = 0.0
    y: Percent = 0.0
    width: Percent = 0.0
    height: Percent = 0.0
    rotation: Percent = 0.0
    points: list[tuple[Percent, Percent]] = []
    rectanglelabels: list[str] = []
    polygonlabels: list[str] = []


class Caption(BaseModel):
    text: list[str] | str = []


class Result(BaseModel):
    """One thing that is said of a picture. `value` is a shape or a caption, or what is not read here."""

    type: str = ""
    value: JsonValue = None
    original_width: int | None = None
    original_height: int | None = None


class StudioAnnotation(BaseModel):
    was_cancelled: bool = False
    result: list[Result] = []


class StudioTask(BaseModel):
    data: dict[str, JsonValue]
    annotations: list[StudioAnnotation] = []


TASK, SHAPE, CAPTION = TypeAdapter(StudioTask), TypeAdapter(Shape), TypeAdapter(Caption)


def is_label_studio(file: Path) -> bool:
    if file.suffix.lower() != ".json" or not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    return begins and b'"annotations"' in head and b'"result"' in head


def read_label_studio(file: Path, images: Path | None = None) -> AnnotatedPictures:
    """Raises InputError for a file that is no export of tasks; a task of another form is among `bad_rows`."""
    entries = loads(file.read_bytes(), str(file))
    if not isinstance(entries, list):
        raise InputError(f"{file} is no export of Label Studio", hint="export JSON, not JSON-MIN")
    parsed = [(f"{file}: task {number}", parse_task(each)) for number, each in enumerate(entries, 1)]
    names = (name for _, task in parsed if isinstance(task, StudioTask) for name in names_of_picture(task))
    notes = PictureNotes(file, images or picture_folder(file, names))
    for number, (where, task) in enumerate(parsed):
        if isinstance(task, StudioTask):
            add_task(notes, task, number, where)
        else:
            notes.add_bad(where, task, None)
    return notes.result()


def parse_task(json_value: Json) -> StudioTask | str:
    """The task, or what is wrong with it."""
    try:
        return TASK.validate_python(json_value)
    except ValidationError as error:
        return first_fault(error)


def first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"


def add_task(notes: PictureNotes, task: StudioTask, id: int, where: str) -> None:
    names = names_of_picture(task)
    if not names:
        notes.add_bad(where, "has no picture in its data", None)
        return
    path = next(filter(None, (find_picture(notes.folder, name) for name in names)), names[-1])
    given = [each for each in task.annotations if not each.was_cancelled]
    if not given or not notes.add_picture(id, path, original_size(given[0]), where):
        return  # a task that nobody has annotated says nothing about its picture
    for number, result in enumerate(given[0].result, 1):
        place = f"{where}: result {number}"
        try:
            for annotation in annotations_of(result, place, id, notes.pictures[id]):
                notes.add(annotation)
        except InvalidValue as error:
            notes.add_bad(place, str(error), id)
        except ValidationError as error:
            notes.add_bad(place, first_fault(error), id)


def original_size(annotation: StudioAnnotation) -> tuple[int, int] | None:
    """The size of the picture as it was annotated; None if no result says it."""
    sizes = ((each.original_width, each.original_height) for each in annotation.result)
    return next(((width, height) for width, height in sizes if width and height), None)


def names_of_picture(task: StudioTask) -> list[str]:
    """The names that the picture of a task may have in an export, the surest first."""
    url = next((each for each in task.data.values() if isinstance(each, str) and ("/" in each or "." in each)), "")
    try:
        parsed = urlparse(url)
    except ValueError:  # such as http://[
        return []
    path = unquote(parse_qs(parsed.query).get("d", [parsed.path])[0])
    name = path.replace("\\", "/").rpartition("/")[2]
    return list(dict.fromkeys(each for each in (path.lstrip("/"), name, UPLOAD_PREFIX.sub("", name)) if each))


def annotations_of(result: Result, where: str, id: int, picture: AnnotatedPicture) -> Iterator[Annotation]:
    """What a result says of the picture: a box with each of its labels, or a caption.

    Raises InvalidValue, ValidationError.
    """
    if result.type in UNREAD:
        raise InvalidValue(f"is of the kind {result.type}, which is not read: export rectangles or polygons", None)
    if result.type == "textarea":
        text = CAPTION.validate_python(result.value).text
        texts = [text] if isinstance(text, str) else text
        yield from (Annotation(where, id, caption=each.strip()) for each in texts)
    elif result.type in BOXES:
        shape = SHAPE.validate_python(result.value)
        box, is_clipped = box_of(shape, picture)
        yield from (
            Annotation(where, id, label, box, is_clipped) for label in (*shape.rectanglelabels, *shape.polygonlabels)
        )


def box_of(shape: Shape, picture: AnnotatedPicture) -> tuple[Corners, bool]:
    """The box around a shape, and whether it was clipped. Raises InvalidValue."""
    width, height = picture.frame
    places = [(x * width / 100, y * height / 100) for x, y in shape.points]
    if not places:
        left, top = shape.x * width / 100, shape.y * height / 100
        corners = (left, top, left + shape.width * width / 100, top + shape.height * height / 100)
        places = rotated_corners(corners, (left, top), math.radians(shape.rotation))
    around = corners_around(places)
    return picture.box("box", ", ".join(f"{corner:.1f}" for corner in around), around)
