"""Annotated pictures, whatever tool wrote them: boxes with their categories, and captions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from plait.core.values.json_value import InvalidValue
from plait.foundation.data.sources.bad_rows import BadRow
from plait.types.box.box_formats import BoxFormat, Corners
from plait.types.image.opening import Turn, frame_on_disk

PictureId: TypeAlias = int | str | None
Points: TypeAlias = list[tuple[float, float]]
Edges: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom
BORDER_TOLERANCE = 0.5  # pixels that a box may exceed its picture by: removed again by rounding


@dataclass(frozen=True)
class AnnotatedPicture:
    """A picture. `path` is relative to the folder of the pictures; `size` is in pixels as it is displayed.

    A tool that takes no notice of EXIF has annotated it before this quarter `turn`; None if there is none.
    """

    id: PictureId
    path: str
    size: tuple[int, int]
    turn: Turn | None = None

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height as the tool saw it."""
        width, height = self.size
        return (height, width) if self.turn else self.size

    def box(self, name: str, written: object, edges: Edges) -> tuple[Corners, bool]:
        """A box of the frame in whole pixels of the displayed picture, at least 1 pixel wide and high, and whether it
        was clipped. `written` is quoted in messages.

        Raises InvalidValue for a box without area, and for one outside of the picture.
        """
        left, top, right, bottom = edges
        if not (right > left and bottom > top):  # also for values that are no numbers
            raise InvalidValue(f"{name}: {written} has no area", written)
        width, height = self.frame
        if not (right > 0 and bottom > 0 and left < width and top < height):
            raise InvalidValue(
                f"{name}: {written} lies outside of its picture, which has {width:,} x {height:,} pixels", written
            )
        is_clipped = max(-left, -top, right - width, bottom - height) > BORDER_TOLERANCE
        inside = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
        return BoxFormat(*self.size, self.size).to_pixels(turn_edges(inside, self.frame, self.turn)), is_clipped


def turn_edges(edges: Edges, frame: tuple[int, int], turn: Turn | None) -> Edges:
    """Where a box of the frame is after a quarter turn, or a reflection at a diagonal."""
    (left, top, right, bottom), (width, height) = edges, frame
    match turn:
        case "clockwise":
            return height - bottom, left, height - top, right
        case "counterclockwise":
            return top, width - right, bottom, width - left
        case "transpose":
            return top, left, bottom, right
        case "transverse":
            return height - bottom, width - right, height - top, width - left
        case _:
            return edges


def rotated_corners(corners: Edges, around: tuple[float, float], angle: float) -> Points:
    """The four corners of a box after a turn around a point, clockwise on the screen, in radians."""
    (left, top, right, bottom), (x, y) = corners, around
    sine, cosine = math.sin(angle), math.cos(angle)
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    return [(x + (px - x) * cosine - (py - y) * sine, y + (px - x) * sine + (py - y) * cosine) for px, py in places]


def corners_around(points: Points) -> Edges:
    """The box around points: left, top, right, bottom."""
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


@dataclass(frozen=True)
class Annotation:
    """An annotation of a picture.

    `box` is in whole pixels, `category` the name of the category. A crowd, one box around many things, has no `box`.
    One that is clipped was larger than its picture.
    """

    where: str
    picture_id: PictureId
    category: str = ""
    box: Corners | None = None
    is_clipped: bool = False
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

    @property
    def clipped(self) -> list[Annotation]:
        return [each for each in self.annotations if each.is_clipped]

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

    def add_picture(self, id: PictureId, path: str, claimed: tuple[int, int] | None, where: str) -> bool:
        """Whether the picture can be used. `claimed` is the size that the source says, None if it does not."""
        try:
            self.pictures[id] = read_picture(id, self.folder, path, claimed)
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


def read_picture(id: PictureId, folder: Path, path: str, claimed: tuple[int, int] | None) -> AnnotatedPicture:
    """Raises InvalidValue, also if the source says another size: its boxes would be of another picture."""
    try:
        size, turn = frame_on_disk(folder / path)
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read: {error.strerror}", path) from None
    except InvalidValue as error:
        raise InvalidValue(f"{path} {error}", path) from None
    if claimed is None or claimed == size:
        return AnnotatedPicture(id, path, size)
    if turn and claimed == size[::-1]:
        return AnnotatedPicture(id, path, size, turn)
    raise InvalidValue(
        f"{path} has {size[0]} x {size[1]} pixels when displayed, but the file says {claimed[0]} x {claimed[1]}", path
    )
