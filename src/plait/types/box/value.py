from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from plait.core.errors import InputError
from plait.core.task.signature import Target, TypeResolver, UnresolvedRef
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType
from plait.types.box.frames import Corners, frame

NAMES = ("x0", "y0", "x1", "y1")


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
            in_order(whole((self.x0, self.y0, self.x1, self.y1)))
        except InvalidValue as fault:
            raise InputError(f"{self!r} {fault}", hint="Box(left, top, right, bottom), rounded") from None

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


def whole(numbers: Sequence[object]) -> Corners:
    """The four numbers, if they are whole. Raises WireError."""
    if any(isinstance(each, bool) or not isinstance(each, int) for each in numbers):
        raise InvalidValue("should be in whole pixels", None)
    x0, y0, x1, y1 = cast("Corners", tuple(numbers))
    return x0, y0, x1, y1


def in_order(numbers: Sequence[float]) -> None:
    x0, y0, x1, y1 = numbers
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise InvalidValue("should have 0 <= x0 < x1 and 0 <= y0 < y1", None)


@dataclass(frozen=True)
class BoxKind(ValueType):
    """A box on the picture found at `path` in the call's inputs."""

    path: tuple[str, ...]
    description: str = ""

    def picture(self, beside: CallContext) -> Any:
        """The picture it lies on; None where the inputs are not known yet."""
        found = beside.candidates.get(self.path, ())
        return found[0] if found else None

    def encode(self, value: object, beside: CallContext) -> Json:
        if not isinstance(value, Box):
            raise InvalidValue("should be a Box", repr(value))
        corners = (value.x0, value.y0, value.x1, value.y1)
        picture = self.picture(beside)
        if picture is not None:
            lies_within(corners, picture.size, value)
        if beside.box_format:
            return cast(Json, frame(beside.box_format, picture).numbers(corners))
        return dict(zip(NAMES, corners, strict=True))

    def decode(self, wire: Json, beside: CallContext) -> object:
        """An object in pixels; in a model's own frame a list, left, top, right, bottom."""
        picture = self.picture(beside)
        try:
            if beside.box_format:
                return Box(*framed(wire, beside.box_format, picture))
            corners = whole(named(wire))
            in_order(corners)
            if picture is not None:
                lies_within(corners, picture.size, wire)
            return Box(*corners)
        except InvalidValue as fault:
            raise InvalidValue(str(fault), wire) from None

    def beyond_grammar(self) -> tuple[str, ...]:
        return ("has x0 < x1 and y0 < y1, and lies on its picture",)


def named(wire: Json) -> list[Json]:
    if not isinstance(wire, dict) or sorted(wire) != sorted(NAMES):
        raise InvalidValue("should be an object with x0, y0, x1, y1", wire)
    return [wire[name] for name in NAMES]


def framed(wire: Json, name: str, picture: Any) -> Corners:
    """Pixels of what a model wrote. Raises WireError."""
    on = frame(name, picture)
    if not isinstance(wire, list) or len(wire) != 4 or not all(is_number(each) for each in wire):
        raise InvalidValue("should be a list of four numbers, [x0, y0, x1, y1]", wire)
    numbers = cast("list[float]", wire)
    in_order(numbers)
    if numbers[2] > on.width or numbers[3] > on.height:
        raise InvalidValue(f"lies outside of its picture: x goes to {on.width} here, y to {on.height}", wire)
    return on.pixels(numbers)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def lies_within(corners: Corners, size: tuple[int, int], said: object) -> None:
    if corners[2] > size[0] or corners[3] > size[1]:
        raise InvalidValue(f"lies outside of its picture, which has {size[0]:,} x {size[1]:,} pixels", said)


def reads(annotation: object, facts: Constraints, reader: TypeResolver) -> ValueType | None:
    if annotation is not Box:
        return None
    if reader.targets is None:
        return BoxKind((), facts.description)
    return BoxKind(picture_of(facts.markers, reader.targets), facts.description)


def picture_of(words: tuple[str, ...], targets: tuple[Target, ...]) -> tuple[str, ...]:
    """Where the picture stands that a Box lies on. Raises UnresolvedRef where there is none, or more than one."""
    pictures = [each for each in targets if each.is_image]
    fitting = [each for each in pictures if not words or str(each) in words]
    if len(fitting) == 1:
        return fitting[0].path
    if not fitting:
        said = f" called {words[0]}" if words else ""
        there = f"; there is {', '.join(map(str, pictures))}" if pictures else ""
        raise UnresolvedRef(f"a Box lies on a picture, and no slot is one{said}", f"add a parameter: Image{there}")
    both = " and ".join(map(str, fitting))
    raise UnresolvedRef(f"a Box could lie on two pictures: {both}", f'say which: Annotated[Box, "{fitting[0]}"]')
