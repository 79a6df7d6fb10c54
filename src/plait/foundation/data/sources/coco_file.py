"""COCO JSON as values: `images`, `categories` and `annotations`, of detection (`bbox`) or captions (`caption`).

Format: cocodataset.org, "Data format". A `bbox` is [left, top, width, height] in pixels, which may be broken ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.quoting import shown
from plait.core.values.value_type import Json, WireError
from plait.foundation.data.sources.bad_rows import BadRow
from plait.types.box.frames import Corners, Frame
from plait.types.box.value import is_number
from plait.types.image.opening import size_on_disk

Id: TypeAlias = int | str | None
TABLES = ("images", "categories", "annotations")
SLACK = 0.5  # pixels that a box may stick out: what rounding takes away again


@dataclass(frozen=True)
class Picture:
    """`size` in pixels as the file says, which is what its boxes are meant on."""

    id: Id
    path: str
    size: tuple[int, int]


@dataclass(frozen=True)
class Annotation:
    """`box` in whole pixels; `what` is its category's name. A crowd is many things in one box, told apart by no one."""

    where: str
    picture: Id
    crowd: bool = False
    what: str = ""
    box: Corners | None = None
    caption: str | None = None


@dataclass(frozen=True)
class Coco:
    """`bad` are annotations and pictures by what is wrong with them; `spoiled` are the pictures they belong to."""

    file: Path
    pictures: Mapping[Id, Picture]
    annotations: tuple[Annotation, ...]
    bad: tuple[BadRow, ...]
    spoiled: frozenset[Id]

    def of_picture(self) -> dict[Id, list[Annotation]]:
        """The annotations of each picture, in the file's order."""
        found: dict[Id, list[Annotation]] = {id: [] for id in self.pictures}
        for each in self.annotations:
            found[each.picture].append(each)
        return found


def read_coco(file: Path, folder: Path) -> Coco:
    """Raises InputError for a file that is none; what is wrong within it is told in `bad`."""
    tables = tables_in(file)
    names = {cast(Id, each.get("id")): str(each.get("name", "")) for each in tables["categories"]}
    bad: list[BadRow] = []
    pictures = dict(pictures_in(tables["images"], file, folder, bad))
    refused = {cast(Id, each.get("id")) for each in tables["images"]} - set(pictures)
    annotations: list[Annotation] = []
    spoiled: set[Id] = set()
    for index, wire in enumerate(tables["annotations"]):
        of = cast(Id, wire.get("image_id"))
        if of in refused:
            continue  # told once, of the picture
        where = f"{file}: annotation {shown(wire.get('id'))} (index {index})"
        try:
            annotations.append(annotation_of(wire, where, pictures, names))
        except WireError as fault:
            bad.append(BadRow(where, str(fault)))
            spoiled.add(of)
    return Coco(file, pictures, tuple(annotations), tuple(bad), frozenset(spoiled))


def tables_in(file: Path) -> dict[str, list[dict[str, Json]]]:
    """The three lists of the file. Raises InputError."""
    wire = loads(file.read_bytes(), str(file))
    if not isinstance(wire, dict) or not {"images", "annotations"} <= set(wire):
        raise InputError(f"{file} is no COCO file", way_out="it holds images, annotations and, for boxes, categories")
    return {name: list(objects_in(wire.get(name), f"{file}: {name}")) for name in TABLES}


def objects_in(wire: Json, what: str) -> Iterator[dict[str, Json]]:
    for index, each in enumerate(wire if isinstance(wire, list) else ()):
        ids = ("id", "image_id", "category_id")
        if not isinstance(each, dict) or not all(isinstance(each.get(id), int | str | None) for id in ids):
            raise InputError(f"{what}, index {index}: should be an object with an id, not {shown(each)}")
        yield each


def pictures_in(
    images: list[dict[str, Json]], file: Path, folder: Path, bad: list[BadRow]
) -> Iterator[tuple[Id, Picture]]:
    for index, wire in enumerate(images):
        try:
            found = picture_of(wire, folder)
            yield found.id, found
        except WireError as fault:
            bad.append(BadRow(f"{file}: image {shown(wire.get('id'))} (index {index})", str(fault)))


def picture_of(wire: dict[str, Json], folder: Path) -> Picture:
    """Raises WireError, also where the file's size is not that of the picture: then its boxes are of another one."""
    id, path, width, height = (wire.get(name) for name in ("id", "file_name", "width", "height"))
    if not isinstance(id, int | str) or not isinstance(path, str):
        raise WireError("should have an id and a file_name", wire)
    try:
        size = size_on_disk(folder / path)
    except OSError as fault:
        raise WireError(f"{path} cannot be read: {fault.strerror}", path) from None
    except WireError as fault:
        raise WireError(f"{path} {fault}", path) from None
    if (width, height) != size and width is not None:
        raise WireError(
            f"{path} has {size[0]} x {size[1]} pixels as it is looked at, and the file says {width} x {height}", path
        )
    return Picture(id, path, size)


def annotation_of(
    wire: dict[str, Json], where: str, pictures: Mapping[Id, Picture], names: Mapping[Id, str]
) -> Annotation:
    """Raises WireError."""
    picture = pictures.get(cast(Id, wire.get("image_id")))
    if picture is None:
        raise WireError(f"image_id: {shown(wire.get('image_id')) or 'null'} is no image of the file", wire)
    if "caption" in wire:
        if not isinstance(wire["caption"], str):
            raise WireError(f"caption: should be a text, not {shown(wire['caption']) or 'null'}", wire)
        return Annotation(where, picture.id, caption=wire["caption"].strip())
    if wire.get("category_id") not in names:
        raise WireError(f"category_id: {shown(wire.get('category_id')) or 'null'} is no category of the file", wire)
    what = names[cast(Id, wire["category_id"])]
    if wire.get("iscrowd"):
        return Annotation(where, picture.id, True, what)
    return Annotation(where, picture.id, False, what, corners_of(wire.get("bbox"), picture.size))


def corners_of(bbox: Json, size: tuple[int, int]) -> Corners:
    """The nearest whole pixels; a box thinner than one keeps one. Raises WireError."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(is_number, bbox)):
        raise WireError(f"bbox: should be [left, top, width, height], not {shown(bbox) or 'null'}", bbox)
    left, top, width, height = cast("list[float]", bbox)
    if width <= 0 or height <= 0:
        raise WireError(f"bbox: {bbox} has no area", bbox)
    right, bottom = left + width, top + height
    if left < -SLACK or top < -SLACK or right > size[0] + SLACK or bottom > size[1] + SLACK:
        raise WireError(f"bbox: {bbox} lies outside of its picture, which has {size[0]:,} x {size[1]:,} pixels", bbox)
    within = (max(0.0, left), max(0.0, top), min(size[0], right), min(size[1], bottom))
    return Frame(*size, size).pixels(within)
