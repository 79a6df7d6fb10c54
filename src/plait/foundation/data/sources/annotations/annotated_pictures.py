"""Annotated pictures, whatever tool wrote them: boxes with their categories, and captions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from plait.core.values.json_value import InvalidValue
from plait.foundation.data.sources.bad_rows import BadRow
from plait.types.box.box_formats import BoxFormat, Corners
from plait.types.image.opening import size_on_disk

PictureId: TypeAlias = int | str | None
BORDER_TOLERANCE = 0.5  # pixels that a box may exceed its picture by: removed again by rounding


@dataclass(frozen=True)
class AnnotatedPicture:
    """A picture. `path` is relative to the folder of the pictures; boxes are in the pixels of `size`."""

    id: PictureId
    path: str
    size: tuple[int, int]


@dataclass(frozen=True)
class Annotation:
    """An annotation of a picture.

    `box` is in whole pixels, `category` the name of the category. A crowd, one box around many things, has no `box`.
    """

    where: str
    picture_id: PictureId
    category: str = ""
    box: Corners | None = None
    caption: str | None = None


@dataclass(frozen=True)
class AnnotatedPictures:
    """The contents of a source.

    `folder` is what the paths of pictures are relative to. `bad_rows` are invalid annotations and pictures with the
    reason; `incomplete` are the pictures that these belong to.
    """

    source: Path
    folder: Path
    pictures: Mapping[PictureId, AnnotatedPicture]
    annotations: tuple[Annotation, ...]
    bad_rows: tuple[BadRow, ...] = ()
    incomplete: frozenset[PictureId] = frozenset()

    def by_picture(self) -> dict[PictureId, list[Annotation]]:
        """Annotations by picture, in the order of the source."""
        found: dict[PictureId, list[Annotation]] = {id: [] for id in self.pictures}
        for each in self.annotations:
            found[each.picture_id].append(each)
        return found


class PictureNotes:
    """Collects what a reader finds, a picture at a time. An invalid annotation makes its picture incomplete."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.pictures: dict[PictureId, AnnotatedPicture] = {}
        self.annotations: list[Annotation] = []
        self.bad_rows: list[BadRow] = []
        self.incomplete: set[PictureId] = set()

    def add_picture(self, id: PictureId, path: str, size: tuple[int, int] | None, where: str) -> bool:
        """Whether the picture can be used. `size` is what the source says of it, None if it does not."""
        try:
            self.pictures[id] = AnnotatedPicture(id, path, checked_size(self.folder, path, size))
        except InvalidValue as error:
            self.bad_rows.append(BadRow(where, str(error)))
        return id in self.pictures

    def add(self, annotation: Annotation) -> None:
        self.annotations.append(annotation)

    def add_bad(self, where: str, reason: str, picture_id: PictureId) -> None:
        self.bad_rows.append(BadRow(where, reason))
        self.incomplete.add(picture_id)

    def result(self) -> AnnotatedPictures:
        return AnnotatedPictures(
            self.source, self.folder, self.pictures, tuple(self.annotations), tuple(self.bad_rows),
            frozenset(self.incomplete),
        )  # fmt: skip


def checked_size(folder: Path, path: str, claimed: tuple[int, int] | None) -> tuple[int, int]:
    """Width and height of a picture as displayed.

    Raises InvalidValue, also if the source says another size: its boxes would be of another picture.
    """
    try:
        size = size_on_disk(folder / path)
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read: {error.strerror}", path) from None
    except InvalidValue as error:
        raise InvalidValue(f"{path} {error}", path) from None
    if claimed is not None and claimed != size:
        raise InvalidValue(
            f"{path} has {size[0]} x {size[1]} pixels when displayed, but the file says {claimed[0]} x {claimed[1]}",
            path,
        )
    return size


def pixel_box(name: str, written: object, corners: tuple[float, ...], size: tuple[int, int]) -> Corners:
    """The box in whole pixels; width and height stay at least 1 pixel. `written` is quoted in messages.

    Raises InvalidValue for a box without area, and for one outside of its picture.
    """
    left, top, right, bottom = corners
    if not (right > left and bottom > top):  # also for values that are no numbers
        raise InvalidValue(f"{name}: {written} has no area", written)
    width, height = size
    beyond = max(-left, -top, right - width, bottom - height)
    if not beyond <= BORDER_TOLERANCE:
        raise InvalidValue(
            f"{name}: {written} lies outside of its picture, which has {width:,} x {height:,} pixels", written
        )
    return BoxFormat(width, height, size).to_pixels(
        (max(0.0, left), max(0.0, top), min(width, right), min(height, bottom))
    )
