"""COCO JSON: `images`, `categories` and `annotations`, of detection (`bbox`) or captions (`caption`).

Format: cocodataset.org, "Data format". A `bbox` is [left, top, width, height] in pixels, possibly fractional.
"""

import mmap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.quoting import quote
from plait.foundation.data.sources.annotations.annotated_pictures import (
    AnnotatedPicture,
    AnnotatedPictures,
    Annotation,
    PictureId,
    PictureNotes,
    corners_around,
)
from plait.foundation.data.sources.annotations.picture_lookup import find_picture, picture_folder
from plait.types.box.box import is_number
from plait.types.box.box_formats import Corners

TABLES = ("images", "categories", "annotations")


def is_coco(file: Path) -> bool:
    """Whether a .json is COCO, by the names in it: other .json files may be in the folder, too."""
    if file.suffix.lower() != ".json" or not file.is_file():
        return False
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            encoding = encoding_of(content[:4])
            begins = content[:64].decode(encoding, "ignore").lstrip("\ufeff \t\r\n").startswith("{")
            names = (f'"{name}"'.encode(encoding) for name in ("images", "annotations"))
            return begins and all(content.find(name) >= 0 for name in names)
    except (OSError, ValueError):  # ValueError: the file is empty
        return False


def encoding_of(head: bytes) -> str:
    """UTF-16 if the file begins with its mark, as PowerShell writes it; otherwise UTF-8."""
    return {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2], "utf-8")


def read_coco(file: Path, images: Path | None = None) -> AnnotatedPictures:
    """Reads a COCO file; without `images` its pictures are looked for nearby.

    Raises InputError if it is not COCO, or if two images or categories have the same id; other invalid entries are
    collected in `bad_rows`.
    """
    tables = read_tables(file)
    check_ids(file, "images", tables["images"], "file_name")
    check_ids(file, "categories", tables["categories"], "name")
    folder = images or picture_folder(file, (str(each.get("file_name", "")) for each in tables["images"]))
    notes = PictureNotes(file, folder)
    for index, entry in enumerate(tables["images"]):
        add_image(notes, entry, f"{file}: image {quote(entry.get('id'))} (index {index})")
    names = {cast(PictureId, each.get("id")): str(each.get("name", "")) for each in tables["categories"]}
    bad_images = {cast(PictureId, each.get("id")) for each in tables["images"]} - set(notes.pictures)
    for index, entry in enumerate(tables["annotations"]):
        image_id = cast(PictureId, entry.get("image_id"))
        if image_id in bad_images:
            continue  # reported once, for the image
        where = f"{file}: annotation {quote(entry.get('id'))} (index {index})"
        try:
            notes.add(parse_annotation(entry, where, notes.pictures, names))
        except InvalidValue as error:
            notes.add_bad(where, str(error), image_id)
    return notes.result()


def read_tables(file: Path) -> dict[str, list[dict[str, Json]]]:
    """The lists of images, categories and annotations. Raises InputError."""
    content = file.read_bytes()
    if (encoding := encoding_of(content)) != "utf-8":
        content = content.decode(encoding, "replace").encode()
    json_value = loads(content, str(file))
    if not isinstance(json_value, dict) or not {"images", "annotations"} <= set(json_value):
        raise InputError(f"{file} is not a COCO file", hint="it needs images, annotations and, for boxes, categories")
    return {name: list(iter_objects(json_value.get(name), f"{file}: {name}")) for name in TABLES}


def iter_objects(json_value: Json, location: str) -> Iterator[dict[str, Json]]:
    for index, each in enumerate(json_value if isinstance(json_value, list) else ()):
        ids = ("id", "image_id", "category_id")
        if not isinstance(each, dict) or not all(isinstance(each.get(id), int | str | None) for id in ids):
            raise InputError(f"{location}, index {index}: should be an object with an id, not {quote(each)}")
        yield each


def check_ids(file: Path, table: str, entries: Sequence[Mapping[str, Json]], name: str) -> None:
    """Raises InputError if two entries of a table have the same id, and are not the same."""
    known: dict[Json, Json] = {}
    for each in entries:
        id, called = each.get("id"), each.get(name)
        if id is not None and known.setdefault(id, called) != called:
            raise InputError(
                f"{file}: two {table} have the id {quote(id)}: {quote(known[id])} and {quote(called)}",
                hint="exports that were merged need new ids: export them together, or keep a file for each",
            )


def add_image(notes: PictureNotes, entry: Mapping[str, Json], where: str) -> None:
    id, name, width, height = (entry.get(key) for key in ("id", "file_name", "width", "height"))
    if not isinstance(id, int | str) or not isinstance(name, str):
        notes.add_bad(where, "should have an id and a file_name", None)
        return
    claimed = None if width is None else cast("tuple[int, int]", (width, height))
    notes.add_picture(id, find_picture(notes.folder, name) or name, claimed, where)


def parse_annotation(
    entry: Mapping[str, Json],
    where: str,
    pictures: Mapping[PictureId, AnnotatedPicture],
    category_names: Mapping[PictureId, str],
) -> Annotation:
    """Checks an entry of `annotations`. Raises InvalidValue."""
    picture = pictures.get(cast(PictureId, entry.get("image_id")))
    if picture is None:
        raise InvalidValue(f"image_id: {quote(entry.get('image_id')) or 'null'} is not an image of the file", entry)
    if "caption" in entry and "bbox" not in entry:
        if not isinstance(entry["caption"], str):
            raise InvalidValue(f"caption: should be a text, not {quote(entry['caption']) or 'null'}", entry)
        return Annotation(where, picture.id, caption=entry["caption"].strip())
    if entry.get("category_id") not in category_names:
        raise InvalidValue(
            f"category_id: {quote(entry.get('category_id')) or 'null'} is not a category of the file", entry
        )
    category = category_names[cast(PictureId, entry["category_id"])]
    if entry.get("iscrowd"):
        return Annotation(where, picture.id, category)
    return Annotation(where, picture.id, category, *parse_bbox(box_of(entry), picture))


def box_of(entry: Mapping[str, Json]) -> Json:
    """The `bbox` of an annotation; without one that around its polygons."""
    segmentation = entry.get("segmentation")
    if entry.get("bbox") or not isinstance(segmentation, list):
        return entry.get("bbox")
    numbers = [each for polygon in segmentation if isinstance(polygon, list) for each in polygon]
    across, down = numbers[::2], numbers[1::2]
    if len(numbers) < 4 or len(numbers) % 2 or not all(map(is_number, numbers)):
        return entry.get("bbox")
    points = zip(cast("list[float]", across), cast("list[float]", down), strict=True)
    left, top, right, bottom = corners_around([*points])
    return [left, top, right - left, bottom - top]


def parse_bbox(bbox: Json, picture: AnnotatedPicture) -> tuple[Corners, bool]:
    """The box, and whether it was clipped. Raises InvalidValue."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(is_number, bbox)):
        raise InvalidValue(f"bbox: should be [left, top, width, height], not {quote(bbox) or 'null'}", bbox)
    left, top, width, height = cast("list[float]", bbox)
    return picture.box("bbox", bbox, (left, top, left + width, top + height))
