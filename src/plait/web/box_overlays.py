"""Boxes of an answer as overlays on the images that they refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plait.core.values.json_value import Json, value_at
from plait.core.values.quoting import shorten
from plait.core.values.value_type import ValueType

CORNERS = ("x0", "y0", "x1", "y1")
MAX_LABEL_CHARACTERS = 28  # characters of a label


@dataclass(frozen=True)
class BoxOverlay:
    """A box in pixels of the image at `path`. `label` is the first short text of its record, or its number."""

    path: str
    corners: tuple[int, int, int, int]
    label: str

    @property
    def key(self) -> str:
        return box_key(self.corners)


@dataclass(frozen=True)
class AnnotatedImage:
    """An image with all boxes on it. `source` is empty if the page contains the image already."""

    path: str
    size: tuple[int, int]
    boxes: tuple[BoxOverlay, ...]
    source: str


def box_key(corners: tuple[int, int, int, int]) -> str:
    """The key that links a box on the image to its line in the answer."""
    return "-".join(map(str, corners))


def corners_of(json_value: object) -> tuple[int, int, int, int] | None:
    """The corners of a complete box in JSON form; None for anything else, such as a partial box while streaming."""
    if not isinstance(json_value, Mapping) or set(json_value) != set(CORNERS):
        return None
    x0, y0, x1, y1 = (json_value[name] for name in CORNERS)
    return (x0, y0, x1, y1) if all(isinstance(each, int) for each in (x0, y0, x1, y1)) else None


def boxes_in(
    value_type: ValueType, json_value: object, label: str = ""
) -> Iterator[tuple[ValueType, tuple[int, int, int, int], str]]:
    """Yields all boxes of an answer, which may be partial, each with its value type and label."""
    inner = dict(value_type.children)
    if value_type.needs_image and (corners := corners_of(json_value)):
        yield value_type, corners, label
    elif "" in inner:
        yield from boxes_in(inner[""], json_value, label)
    elif isinstance(json_value, list) and "[]" in inner:
        for number, item in enumerate(json_value, 1):
            yield from boxes_in(inner["[]"], item, str(number))
    elif isinstance(json_value, Mapping):
        name_label = record_name(json_value, inner) or label
        for name, each in json_value.items():
            if name in inner:
                yield from boxes_in(inner[name], each, name_label)


def record_name(json_value: Mapping[str, object], children: Mapping[str, ValueType]) -> str:
    """The first short text of a record, used as its name."""
    for name, value_type in children.items():
        text = json_value.get(name)
        if value_type.names_things and isinstance(text, str):
            return shorten(text, MAX_LABEL_CHARACTERS)
    return ""


def annotated_images(
    value_type: ValueType,
    json_value: object,
    sizes: Mapping[str, tuple[int, int]],
    inputs: Mapping[str, Json],
    *,
    with_source: bool,
) -> list[AnnotatedImage]:
    """The images that an answer's boxes refer to; `with_source` adds their data URLs."""
    overlays: dict[str, list[BoxOverlay]] = {}
    for box_type, corners, label in boxes_in(value_type, json_value):
        path = ".".join(box_type.lies_on)
        overlays.setdefault(path, []).append(BoxOverlay(path, corners, label))
    return [
        AnnotatedImage(path, sizes[path], tuple(boxes), image_source(inputs, path) if with_source else "")
        for path, boxes in overlays.items()
        if path in sizes
    ]


def image_source(inputs: Mapping[str, Json], path: str) -> str:
    value = value_at(dict(inputs), path.split("."))
    return value if isinstance(value, str) else ""
