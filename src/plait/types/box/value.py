from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from plait.core.errors import InputError
from plait.core.task.signature import Target, TypeResolver, UnresolvedRef
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType
from plait.types.box.frames import Corners, resolve_box_format

CORNER_NAMES = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True)
class Box:
    """A rectangle on a picture, in whole pixels of the picture as it was passed in and is looked at (EXIF turned).

    The origin is the top left; x0 and y0 are its first pixels, x1 and y1 the first ones beyond it, so that
    `Box(0, 0, width, height)` is all of the picture.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        try:
            check_order(integer_corners((self.x0, self.y0, self.x1, self.y1)))
        except InvalidValue as error:
            raise InputError(f"{self!r} {error}", hint="Box(left, top, right, bottom), rounded") from None

    @property
    def area(self) -> int:
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def iou(self, other: "Box") -> float:
        """What both cover over what either covers: 1 for the same box, 0 for two that do not meet."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        down = min(self.y1, other.y1) - max(self.y0, other.y0)
        both = max(0, across) * max(0, down)
        return both / (self.area + other.area - both)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


def integer_corners(numbers: Sequence[object]) -> Corners:
    """The four numbers, if they are whole. Raises InvalidValue."""
    if any(isinstance(each, bool) or not isinstance(each, int) for each in numbers):
        raise InvalidValue("should be in whole pixels", None)
    x0, y0, x1, y1 = cast("Corners", tuple(numbers))
    return x0, y0, x1, y1


def check_order(numbers: Sequence[float]) -> None:
    x0, y0, x1, y1 = numbers
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise InvalidValue("should have 0 <= x0 < x1 and 0 <= y0 < y1", None)


@dataclass(frozen=True)
class BoxType(ValueType):
    """A box on the picture found at `path` in the call's inputs."""

    path: tuple[str, ...]
    description: str = ""

    def image(self, context: CallContext) -> Any:
        """The picture it lies on; None where the inputs are not known yet."""
        candidates = context.candidates.get(self.path, ())
        return candidates[0] if candidates else None

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Box):
            raise InvalidValue("should be a Box", repr(value))
        corners = (value.x0, value.y0, value.x1, value.y1)
        image = self.image(context)
        if image is not None:
            check_within(corners, image.size, value)
        if context.box_format:
            return cast(Json, resolve_box_format(context.box_format, image).from_pixels(corners))
        return dict(zip(CORNER_NAMES, corners, strict=True))

    def decode(self, json_value: Json, context: CallContext) -> object:
        """An object in pixels; in a model's own frame a list, left, top, right, bottom."""
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

    def residual_checks(self) -> tuple[str, ...]:
        return ("has x0 < x1 and y0 < y1, and lies on its picture",)


def corner_values(json_value: Json) -> list[Json]:
    if not isinstance(json_value, dict) or sorted(json_value) != sorted(CORNER_NAMES):
        raise InvalidValue("should be an object with x0, y0, x1, y1", json_value)
    return [json_value[name] for name in CORNER_NAMES]


def corners_in_box_format(json_value: Json, name: str, image: Any) -> Corners:
    """Pixels of what a model wrote. Raises InvalidValue."""
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


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_within(corners: Corners, size: tuple[int, int], quoted: object) -> None:
    if corners[2] > size[0] or corners[3] > size[1]:
        raise InvalidValue(f"lies outside of its picture, which has {size[0]:,} x {size[1]:,} pixels", quoted)


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if annotation is not Box:
        return None
    if resolver.targets is None:
        return BoxType((), constraints.description)
    return BoxType(target_image_path(constraints.markers, resolver.targets), constraints.description)


def target_image_path(markers: tuple[str, ...], targets: tuple[Target, ...]) -> tuple[str, ...]:
    """Where the picture stands that a Box lies on. Raises UnresolvedRef where there is none, or more than one."""
    images = [each for each in targets if each.is_image]
    matching = [each for each in images if not markers or str(each) in markers]
    if len(matching) == 1:
        return matching[0].path
    if not matching:
        suffix = f" called {markers[0]}" if markers else ""
        known = f"; there is {', '.join(map(str, images))}" if images else ""
        raise UnresolvedRef(
            f"a Box lies on a picture, and no parameter is one{suffix}", f"add a parameter: Image{known}"
        )
    both = " and ".join(map(str, matching))
    raise UnresolvedRef(f"a Box could lie on two pictures: {both}", f'say which: Annotated[Box, "{matching[0]}"]')
