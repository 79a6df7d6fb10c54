"""CVAT for images 1.1: one annotations.xml with an `image` for each picture, and boxes and polygons in pixels.

Format: docs.cvat.ai, "CVAT for images". Videos, whose boxes are tracks over frames, are not read.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from plait.core.errors import InputError
from plait.core.values.json_value import InvalidValue
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPictures,
    Annotation,
    PictureNotes,
    Points,
    corners_around,
    rotated_corners,
)
from plait.foundation.data.sources.annotations.picture_lookup import find_picture, picture_folder
from plait.foundation.data.sources.annotations.xml_files import claimed_size, number_of, read_xml, root_tag

CORNERS = ("xtl", "ytl", "xbr", "ybr")
POLYGONS = ("polygon", "polyline", "points")
UNREAD = ("mask", "cuboid", "ellipse", "skeleton")


def is_cvat(file: Path) -> bool:
    return file.suffix.lower() == ".xml" and file.is_file() and root_tag(file) == "annotations"


def read_cvat(file: Path, images: Path | None = None) -> AnnotatedPictures:
    """Raises InputError for a file that is no XML, and for one of a video."""
    root = read_xml(file)
    entries = root.findall("image")
    if root.find("track") is not None:
        raise InputError(
            f"{file} has the tracks of a video", hint="export single pictures: CVAT for images 1.1, or COCO"
        )
    notes = PictureNotes(file, images or picture_folder(file, (each.get("name", "") for each in entries)))
    for number, entry in enumerate(entries, 1):
        id, name = entry.get("id", str(number)), entry.get("name", "")
        claimed = claimed_size(entry.get("width", ""), entry.get("height", ""))
        path, where = find_picture(notes.folder, name) or name, f"{file}: image {id}"
        if notes.add_picture(id, path, claimed, where):
            add_shapes(notes, entry, id, where)
    return notes.result()


def add_shapes(notes: PictureNotes, entry: Element, id: str, where: str) -> None:
    picture = notes.pictures[id]
    for number, shape in enumerate(entry, 1):
        place = f"{where}: {shape.tag} {number}"
        try:
            if shape.tag in UNREAD:
                raise InvalidValue("is a shape that is not read: export boxes or polygons", None)
            if shape.tag == "box" or shape.tag in POLYGONS:
                corners = corners_around(box_points(shape) if shape.tag == "box" else list(polygon_points(shape)))
                written = ", ".join(f"{corner:g}" for corner in corners)
                notes.add(Annotation(place, id, shape.get("label", ""), *picture.box(shape.tag, written, corners)))
        except InvalidValue as error:
            notes.add_bad(place, str(error), id)


def box_points(shape: Element) -> Points:
    """The corners of a box, which may be rotated around its middle, in degrees clockwise. Raises InvalidValue."""
    left, top, right, bottom = (number_of(shape.get(name, ""), name) for name in CORNERS)
    angle = math.radians(number_of(shape.get("rotation", "0"), "rotation"))
    return rotated_corners((left, top, right, bottom), ((left + right) / 2, (top + bottom) / 2), angle)


def polygon_points(shape: Element) -> Iterator[tuple[float, float]]:
    """Raises InvalidValue."""
    for pair in shape.get("points", "").split(";"):
        x, _, y = pair.partition(",")
        yield number_of(x, "points"), number_of(y, "points")
