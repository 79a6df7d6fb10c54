"""The boxes of an answer, to be drawn on the pictures they lie on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plait.core.values.value_type import Json, Kind

CORNERS = ("x0", "y0", "x1", "y1")
SHOWN = 28  # characters of a label


@dataclass(frozen=True)
class Drawn:
    """A box on the picture at `path`, in its pixels. `label` is what the record around it says first, or its number."""

    path: str
    corners: tuple[int, int, int, int]
    label: str

    @property
    def key(self) -> str:
        return key(self.corners)


@dataclass(frozen=True)
class Shown:
    """A picture with all boxes that lie on it. `source` is empty where the page itself has it already."""

    path: str
    size: tuple[int, int]
    boxes: tuple[Drawn, ...]
    source: str


def key(corners: tuple[int, int, int, int]) -> str:
    """What ties a box in the picture to its line in the answer."""
    return "-".join(map(str, corners))


def corners_of(wire: object) -> tuple[int, int, int, int] | None:
    """The corners of a whole box in wire form; None of anything else, such as one that is still being written."""
    if not isinstance(wire, Mapping) or set(wire) != set(CORNERS):
        return None
    x0, y0, x1, y1 = (wire[name] for name in CORNERS)
    return (x0, y0, x1, y1) if all(isinstance(each, int) for each in (x0, y0, x1, y1)) else None


def boxes_in(kind: Kind, wire: object, label: str = "") -> Iterator[tuple[Kind, tuple[int, int, int, int], str]]:
    """All boxes of an answer, as far as it has come."""
    inner = dict(kind.children)
    if kind.name == "box" and (corners := corners_of(wire)):
        yield kind, corners, label
    elif "" in inner:
        yield from boxes_in(inner[""], wire, label)
    elif isinstance(wire, list) and "[]" in inner:
        for number, item in enumerate(wire, 1):
            yield from boxes_in(inner["[]"], item, str(number))
    elif isinstance(wire, Mapping):
        said = name_in(wire, inner) or label
        for name, each in wire.items():
            if name in inner:
                yield from boxes_in(inner[name], each, said)


def name_in(wire: Mapping[str, object], inner: Mapping[str, Kind]) -> str:
    """The first short text of a record: what it is called."""
    for name, kind in inner.items():
        said = wire.get(name)
        if kind.name in ("text", "label") and isinstance(said, str):
            return said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()}…"
    return ""


def pictures(
    kind: Kind, wire: object, sizes: Mapping[str, tuple[int, int]], inputs: Mapping[str, Json], *, whole: bool
) -> list[Shown]:
    """The pictures that an answer's boxes lie on; with their pixels where a `whole` page is drawn."""
    drawn: dict[str, list[Drawn]] = {}
    for each, corners, label in boxes_in(kind, wire):
        path = ".".join(getattr(each, "path"))  # noqa: B009 - pages know no modality's classes
        drawn.setdefault(path, []).append(Drawn(path, corners, label))
    return [
        Shown(path, sizes[path], tuple(boxes), source(inputs, path) if whole else "")
        for path, boxes in drawn.items()
        if path in sizes
    ]


def source(inputs: Mapping[str, Json], path: str) -> str:
    found: Json = dict(inputs)
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
