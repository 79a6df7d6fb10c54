"""COCO JSON as values: `images`, `categories` and `annotations`, of detection (`bbox`) or captions (`caption`).

Format: cocodataset.org, "Data format". A `bbox` is [left, top, width, height] in pixels, possibly fractional.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from plait.core.errors import InputError
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.quoting import quote
from plait.foundation.data.sources.bad_rows import BadRow
from plait.types.box.box import is_number
from plait.types.box.box_formats import BoxFormat, Corners
from plait.types.image.opening import size_on_disk

CocoId: TypeAlias = int | str | None
TABLES = ("images", "categories", "annotations")
BORDER_TOLERANCE = 0.5  # pixels that a box may exceed the image by: removed again by rounding


@dataclass(frozen=True)
class CocoImage:
    """An image of the file. `size` is as the file has it, in pixels; boxes are in these pixels."""

    id: CocoId
    path: str
    size: tuple[int, int]


@dataclass(frozen=True)
class CocoAnnotation:
    """An annotation.

    `box` is in whole pixels, `category` the name of the category. A crowd, one box around many things, has no `box`.
    """

    where: str
    image_id: CocoId
    category: str = ""
    box: Corners | None = None
    caption: str | None = None


@dataclass(frozen=True)
class CocoDataset:
    """Contents of a file.

    `bad_rows` are invalid annotations and images with the reason; `incomplete_images` are the images they belong to.
    """

    file: Path
    images: Mapping[CocoId, CocoImage]
    annotations: tuple[CocoAnnotation, ...]
    bad_rows: tuple[BadRow, ...]
    incomplete_images: frozenset[CocoId]

    def annotations_by_image(self) -> dict[CocoId, list[CocoAnnotation]]:
        """Annotations by image, in the order of the file."""
        by_image: dict[CocoId, list[CocoAnnotation]] = {id: [] for id in self.images}
        for each in self.annotations:
            by_image[each.image_id].append(each)
        return by_image


def read_coco(file: Path, folder: Path) -> CocoDataset:
    """Reads a COCO file. Raises InputError if it is not one; invalid entries are collected in `bad_rows`."""
    tables = read_tables(file)
    names = {cast(CocoId, each.get("id")): str(each.get("name", "")) for each in tables["categories"]}
    bad: list[BadRow] = []
    pictures = dict(iter_images(tables["images"], file, folder, bad))
    bad_images = {cast(CocoId, each.get("id")) for each in tables["images"]} - set(pictures)
    annotations: list[CocoAnnotation] = []
    incomplete: set[CocoId] = set()
    for index, json_value in enumerate(tables["annotations"]):
        image_id = cast(CocoId, json_value.get("image_id"))
        if image_id in bad_images:
            continue  # reported once, for the image
        where = f"{file}: annotation {quote(json_value.get('id'))} (index {index})"
        try:
            annotations.append(parse_annotation(json_value, where, pictures, names))
        except InvalidValue as error:
            bad.append(BadRow(where, str(error)))
            incomplete.add(image_id)
    return CocoDataset(file, pictures, tuple(annotations), tuple(bad), frozenset(incomplete))


def read_tables(file: Path) -> dict[str, list[dict[str, Json]]]:
    """The lists of images, categories and annotations. Raises InputError."""
    json_value = loads(file.read_bytes(), str(file))
    if not isinstance(json_value, dict) or not {"images", "annotations"} <= set(json_value):
        raise InputError(f"{file} is not a COCO file", hint="it needs images, annotations and, for boxes, categories")
    return {name: list(iter_objects(json_value.get(name), f"{file}: {name}")) for name in TABLES}


def iter_objects(json_value: Json, location: str) -> Iterator[dict[str, Json]]:
    for index, each in enumerate(json_value if isinstance(json_value, list) else ()):
        ids = ("id", "image_id", "category_id")
        if not isinstance(each, dict) or not all(isinstance(each.get(id), int | str | None) for id in ids):
            raise InputError(f"{location}, index {index}: should be an object with an id, not {quote(each)}")
        yield each


def iter_images(
    entries: list[dict[str, Json]], file: Path, folder: Path, bad_rows: list[BadRow]
) -> Iterator[tuple[CocoId, CocoImage]]:
    for index, json_value in enumerate(entries):
        try:
            image = parse_image(json_value, folder)
            yield image.id, image
        except InvalidValue as error:
            bad_rows.append(BadRow(f"{file}: image {quote(json_value.get('id'))} (index {index})", str(error)))


def parse_image(entry: dict[str, Json], folder: Path) -> CocoImage:
    """Checks an entry of `images`.

    Raises InvalidValue, also if the size in the file is not that of the image: its boxes would be of another image.
    """
    id, path, width, height = (entry.get(name) for name in ("id", "file_name", "width", "height"))
    if not isinstance(id, int | str) or not isinstance(path, str):
        raise InvalidValue("should have an id and a file_name", entry)
    try:
        size = size_on_disk(folder / path)
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read: {error.strerror}", path) from None
    except InvalidValue as error:
        raise InvalidValue(f"{path} {error}", path) from None
    if (width, height) != size and width is not None:
        raise InvalidValue(
            f"{path} has {size[0]} x {size[1]} pixels when displayed, but the file says {width} x {height}", path
        )
    return CocoImage(id, path, size)


def parse_annotation(
    entry: dict[str, Json], where: str, images: Mapping[CocoId, CocoImage], category_names: Mapping[CocoId, str]
) -> CocoAnnotation:
    """Checks an entry of `annotations`. Raises InvalidValue."""
    picture = images.get(cast(CocoId, entry.get("image_id")))
    if picture is None:
        raise InvalidValue(f"image_id: {quote(entry.get('image_id')) or 'null'} is not an image of the file", entry)
    if "caption" in entry:
        if not isinstance(entry["caption"], str):
            raise InvalidValue(f"caption: should be a text, not {quote(entry['caption']) or 'null'}", entry)
        return CocoAnnotation(where, picture.id, caption=entry["caption"].strip())
    if entry.get("category_id") not in category_names:
        raise InvalidValue(
            f"category_id: {quote(entry.get('category_id')) or 'null'} is not a category of the file", entry
        )
    category = category_names[cast(CocoId, entry["category_id"])]
    if entry.get("iscrowd"):
        return CocoAnnotation(where, picture.id, category)
    return CocoAnnotation(where, picture.id, category, parse_bbox(entry.get("bbox"), picture.size))


def parse_bbox(bbox: Json, size: tuple[int, int]) -> Corners:
    """Rounds to whole pixels; width and height stay at least 1 pixel. Raises InvalidValue."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(is_number, bbox)):
        raise InvalidValue(f"bbox: should be [left, top, width, height], not {quote(bbox) or 'null'}", bbox)
    left, top, width, height = cast("list[float]", bbox)
    if width <= 0 or height <= 0:
        raise InvalidValue(f"bbox: {bbox} has no area", bbox)
    right, bottom = left + width, top + height
    if (
        left < -BORDER_TOLERANCE
        or top < -BORDER_TOLERANCE
        or right > size[0] + BORDER_TOLERANCE
        or bottom > size[1] + BORDER_TOLERANCE
    ):
        raise InvalidValue(
            f"bbox: {bbox} lies outside of its picture, which has {size[0]:,} x {size[1]:,} pixels", bbox
        )
    clipped = (max(0.0, left), max(0.0, top), min(size[0], right), min(size[1], bottom))
    return BoxFormat(*size, size).to_pixels(clipped)
