"""`Box` as a value type: an object in pixels in JSON, a list in the model's units in an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnresolvedRef
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints, From
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType
from plait.types.box.box import CORNER_NAMES, Box, check_order, check_within, integer_corners, is_number
from plait.types.box.box_formats import BINS, FORMAT_DESCRIPTIONS, Corners, resolve_box_format

FOUR_NUMBERS = re.compile(r"\s*\[?\s*" + r"\s*,\s*".join([r"(-?\d{1,9})"] * 4) + r"\s*\]?\s*", re.ASCII)


@dataclass(frozen=True)
class BoxType(ValueType):
    """A box on the image at `path` in the call's inputs."""

    name = "box"
    markers = (From,)
    needs_image = True

    path: tuple[str, ...]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is not Box:
            return None
        path = () if resolver.targets is None else target_image_path(constraints.source, resolver.targets)
        return cls(path, constraints.description)

    @property
    def is_compact(self) -> bool:
        return True

    @property
    def lies_on(self) -> tuple[str, ...]:
        return self.path

    def image(self, context: CallContext) -> Any:
        """The image that the box lies on; None if the inputs are not known yet."""
        images = context.candidates.get(self.path, ())
        return images[0] if images else None

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Box):
            raise InvalidValue("should be a Box", repr(value))
        image = self.image(context)
        if image is not None:
            check_within(value.corners, image.size, value)
        if context.box_format:
            return cast(Json, resolve_box_format(context.box_format, image).from_pixels(value.corners))
        return dict(zip(CORNER_NAMES, value.corners, strict=True))

    def decode(self, json_value: Json, context: CallContext) -> object:
        """The box from an object in pixels or, in a model's box format, a list: left, top, right, bottom."""
        image = self.image(context)
        try:
            if context.box_format:
                return Box(*corners_in_box_format(json_value, context.box_format, image))
            corners = integer_corners(corner_values(json_value))
            check_order(corners)
            if image is not None:
                check_within(corners, image.size, json_value)
            return Box(*corners)
        except InvalidValue as error:
            raise InvalidValue(str(error), json_value) from None

    def grammar(self, context: CallContext) -> g.Grammar:
        """The grammar of an object in pixels or, in a model's box format, of a list, as vision models write boxes.

        All items of a list share the bound of the longer side; the shorter side is checked after decoding.
        """
        image = self.image(context)
        if image is None and self.path in context.candidates:
            return g.Reference(())  # an optional image that was not passed: no box is possible
        if context.box_format == "bins":
            return g.BinnedBox(BINS)
        if context.box_format:
            box_format = resolve_box_format(context.box_format, image)
            maximum = max(box_format.width, box_format.height)
            corner = g.Integer(0, maximum) if box_format.in_integers else g.Number(Decimal(0), Decimal(maximum))
            return g.Array(corner, 4, 4)
        width, height = (g.MAX_INTEGER, g.MAX_INTEGER) if image is None else image.size
        return g.Object(tuple((name, g.Integer(0, width if name[0] == "x" else height)) for name in CORNER_NAMES))

    def residual_checks(self) -> tuple[str, ...]:
        return ("has x0 < x1 and y0 < y1, and lies on its picture",)

    def schema(self) -> dict[str, Json]:
        image_path = ".".join(self.path) or "the picture"
        return {
            "type": "object",
            "description": f"in pixels of {image_path}; x0 < x1, y0 < y1",
            "properties": {name: {"type": "integer", "minimum": 0} for name in CORNER_NAMES},
            "required": list(CORNER_NAMES),
            "additionalProperties": False,
        }

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """The box in the format of the model that reads it, the same that it writes."""
        assert isinstance(value, Box)
        return dumps(self.encode(value, context) if context.box_format else list(value.corners))

    def describe(self) -> str:
        return "[x0, y0, x1, y1]"

    def format_note(self, box_format: str) -> str:
        unit = FORMAT_DESCRIPTIONS.get(box_format, FORMAT_DESCRIPTIONS["pixels"])
        return f"Boxes are [left, top, right, bottom] {unit}."

    def score(self, prediction: object, reference: object) -> float:
        """Intersection over union."""
        return cast(Box, prediction).iou(cast(Box, reference))

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The box from four fields, or from one that holds all four, `112, 40, 181, 133` (flags, table cells), or from
        JSON.
        """
        if name in fields.data:
            return parse_corners(fields.get_one(name))
        corners = (parse_integer(fields.get_one(f"{name}.{corner}")) for corner in CORNER_NAMES)
        return dict(zip(CORNER_NAMES, corners, strict=True))

    def to_fields(self, json_value: Json, name: str) -> Texts:
        assert isinstance(json_value, dict)
        return {f"{name}.{corner}": [str(json_value[corner])] for corner in CORNER_NAMES}

    def placeholder(self) -> Json:
        return {"x0": 0, "y0": 0, "x1": 100, "y1": 100}

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, dict):
            return super().python_literal(json_value)
        return f"Box({', '.join(map(str, json_value.values()))})"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        yield "plait", "Box"


def corner_values(json_value: Json) -> list[Json]:
    if not isinstance(json_value, dict) or sorted(json_value) != sorted(CORNER_NAMES):
        raise InvalidValue("should be an object with x0, y0, x1, y1", json_value)
    return [json_value[name] for name in CORNER_NAMES]


def corners_in_box_format(json_value: Json, name: str, image: Any) -> Corners:
    """The corners in pixels of a box written by a model. Raises InvalidValue."""
    box_format = resolve_box_format(name, image)
    if not isinstance(json_value, list) or len(json_value) != 4 or not all(is_number(each) for each in json_value):
        raise InvalidValue("should be a list of four numbers, [x0, y0, x1, y1]", json_value)
    numbers = cast("list[float]", json_value)
    check_order(numbers)
    if numbers[2] > box_format.width or numbers[3] > box_format.height:
        raise InvalidValue(
            f"lies outside of its picture: x goes to {box_format.width} here, y to {box_format.height}", json_value
        )
    return box_format.to_pixels(numbers)


def parse_corners(text: str) -> Json:
    match = FOUR_NUMBERS.fullmatch(text)
    if match:
        return dict(zip(CORNER_NAMES, map(int, match.groups()), strict=True))
    try:
        return parse_json(text)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", text) from None


def parse_integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidValue("should be four whole numbers: left, top, right, bottom", text) from None


def target_image_path(source: str, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """The path of the image that a Box lies on. Raises UnresolvedRef if there is none or more than one."""
    images = [each for each in targets if each.is_image]
    matching = [each for each in images if source in ("", str(each))]
    if len(matching) == 1:
        return matching[0].path
    if not matching:
        suffix = f" called {source}" if source else ""
        known = f"; there is {', '.join(map(str, images))}" if images else ""
        raise UnresolvedRef(
            f"a Box needs a picture to lie on, but no parameter is an Image{suffix}", f"add a parameter: Image{known}"
        )
    both = " and ".join(map(str, matching))
    raise UnresolvedRef(f"a Box could lie on two pictures: {both}", f'name one: Annotated[Box, From("{matching[0]}")]')
