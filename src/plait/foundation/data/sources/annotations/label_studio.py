"""Label Studio: a JSON list of tasks, each with a picture and its annotations, whose boxes are in percent.

Format: labelstud.io/guide/export, "JSON". Of several annotations of a picture the first one counts that is not
cancelled. Uploaded pictures get a prefix on their names, which an export of pictures keeps or not.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlparse

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue
from plait.core.values.quoting import quote
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    Annotation,
    PictureNotes,
)
from plait.foundation.data.sources.annotations.cvat import corners_around, rotated_corners
from plait.foundation.data.sources.annotations.picture_lookup import find_picture, picture_folder
from plait.types.box.box import is_number
from plait.types.box.box_formats import Corners

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
HEAD = 65_536  # bytes in which the first annotation begins
LABELS = {"rectanglelabels": "rectanglelabels", "polygonlabels": "polygonlabels"}
UNREAD = ("brushlabels", "ellipselabels", "keypointlabels")


def is_label_studio(file: Path) -> bool:
    if file.suffix.lower() != ".json" or not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    return begins and b'"annotations"' in head and b'"data"' in head


def read_label_studio(file: Path, images: Path | None = None) -> AnnotatedPictures:
    """Raises InputError for a file that is no export of tasks."""
    entries = loads(file.read_bytes(), str(file))
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise InputError(f"{file} is no export of Label Studio", hint="export JSON, not JSON-MIN")
    tasks = cast("list[dict[str, Any]]", entries)
    names = (name for task in tasks for name in names_of_picture(task))
    notes = PictureNotes(file, images or picture_folder(file, names))
    for number, task in enumerate(tasks, 1):
        add_task(notes, task, f"{file}: task {quote(task.get('id', number))}")
    return notes.result()


def add_task(notes: PictureNotes, task: Mapping[str, Any], where: str) -> None:
    id, names = len(notes.pictures) + len(notes.bad_rows), names_of_picture(task)
    if not names:
        notes.add_bad(where, "has no picture in its data", None)
        return
    path = next(filter(None, (find_picture(notes.folder, name) for name in names)), names[-1])
    given = [each for each in task.get("annotations") or () if not each.get("was_cancelled")]
    if not given or not notes.add_picture(id, path, original_size(given[0]), where):
        return  # a task that nobody has annotated says nothing about its picture
    for number, result in enumerate(given[0].get("result") or (), 1):
        place = f"{where}: result {number}"
        try:
            for annotation in annotations_of(result, place, id, notes.pictures[id]):
                notes.add(annotation)
        except InvalidValue as error:
            notes.add_bad(place, str(error), id)


def original_size(annotation: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size of the picture as it was annotated; None if no result says it."""
    sizes = ((each.get("original_width"), each.get("original_height")) for each in annotation.get("result") or ())
    known = (size for size in sizes if all(isinstance(side, int) for side in size))
    return cast("tuple[int, int] | None", next(known, None))


def names_of_picture(task: Mapping[str, Any]) -> list[str]:
    """The names that the picture of a task may have in an export, the surest first."""
    data = task.get("data")
    urls = [each for each in data.values() if isinstance(each, str)] if isinstance(data, dict) else []
    url = next((each for each in urls if "/" in each or "." in each), "")
    parsed = urlparse(url)
    path = unquote(parse_qs(parsed.query).get("d", [parsed.path])[0])
    name = path.replace("\\", "/").rpartition("/")[2]
    return list(dict.fromkeys(each for each in (path.lstrip("/"), name, UPLOAD_PREFIX.sub("", name)) if each))


def annotations_of(result: Mapping[str, Any], where: str, id: int, picture: AnnotatedPicture) -> Iterator[Annotation]:
    """What a result says of the picture: a box with each of its labels, or a caption. Raises InvalidValue."""
    kind, value = result.get("type"), result.get("value")
    if kind in UNREAD:
        raise InvalidValue(f"is of the kind {kind}, which is not read: export rectangles or polygons", None)
    if not isinstance(value, dict):
        return
    if kind == "textarea":
        yield from (Annotation(where, id, caption=text.strip()) for text in value.get("text") or ())
    elif kind in LABELS:
        box, is_clipped = box_of(value, picture)
        yield from (Annotation(where, id, str(label), box, is_clipped) for label in value.get(LABELS[kind]) or ())


def box_of(value: Mapping[str, Any], picture: AnnotatedPicture) -> tuple[Corners, bool]:
    """The box of a rectangle, turned clockwise around its first corner, or around a polygon. Raises InvalidValue."""
    width, height = picture.frame
    if points := value.get("points"):
        places = [(x * width / 100, y * height / 100) for x, y in points]
    else:
        numbers = [value.get(name) for name in ("x", "y", "width", "height")]
        if not all(map(is_number, numbers)):
            raise InvalidValue(f"should have x, y, width and height, not {quote(numbers)}", None)
        x, y, across, down = cast("list[float]", numbers)
        left, top = x * width / 100, y * height / 100
        corners = (left, top, left + across * width / 100, top + down * height / 100)
        places = rotated_corners(corners, (left, top), math.radians(value.get("rotation") or 0))
    corners = corners_around(places)
    return picture.box("box", ", ".join(f"{corner:.1f}" for corner in corners), corners)
