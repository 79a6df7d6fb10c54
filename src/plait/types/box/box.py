"""`Box`, a rectangle in whole pixels, with checks of its corners."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from plait.core.errors import InputError
from plait.core.values.json_value import InvalidValue
from plait.types.box.box_formats import Corners

CORNER_NAMES = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True)
class Box:
    """A rectangle on an image, in whole pixels of the original image after EXIF rotation.

    The origin is the top left. x0 and y0 are inclusive, x1 and y1 exclusive: `Box(0, 0, width, height)` is the whole
    image.
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
    def corners(self) -> Corners:
        return self.x0, self.y0, self.x1, self.y1

    @property
    def area(self) -> int:
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def iou(self, other: "Box") -> float:
        """Intersection over union: 1 for equal boxes, 0 for boxes without overlap."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        down = min(self.y1, other.y1) - max(self.y0, other.y0)
        both = max(0, across) * max(0, down)
        return both / (self.area + other.area - both)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


def integer_corners(numbers: Sequence[object]) -> Corners:
    """The four coordinates, checked to be integers. Raises InvalidValue."""
    if any(isinstance(each, bool) or not isinstance(each, int) for each in numbers):
        raise InvalidValue("should be in whole pixels", None)
    x0, y0, x1, y1 = cast("Corners", tuple(numbers))
    return x0, y0, x1, y1


def check_order(numbers: Sequence[float]) -> None:
    x0, y0, x1, y1 = numbers
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        raise InvalidValue("should have 0 <= x0 < x1 and 0 <= y0 < y1", None)


def check_within(corners: Corners, size: tuple[int, int], quoted: object) -> None:
    if corners[2] > size[0] or corners[3] > size[1]:
        raise InvalidValue(f"lies outside of its picture, which has {size[0]:,} x {size[1]:,} pixels", quoted)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
