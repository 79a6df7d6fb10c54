"""Constraints from `Annotated[...]` and `Field(...)`: bounds, description, Plait's own markers.

Annotated[list[str], Ordered()]          the order of the items counts when an answer is scored
Annotated[str, AnyWords()]               prose: an answer can be exact with other words here
Annotated[Ref[str], From("passages")]    which of two lists a Ref points into; which image a Box lies on
Quoted[date], Annotated[date, Quote()]   a value that stands in the inputs
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from re import Pattern
from types import EllipsisType, NoneType
from typing import Any, TypeAlias, cast

from plait.core.deprecation import stacklevel_outside_plait, warn_renamed


class Marker:
    """Base class of markers for value types of Plait or of another package (`ValueType.markers`)."""


@dataclass(frozen=True)
class Ordered(Marker):
    """`Annotated[list[T], Ordered()]`: the order of the items counts when an answer is scored."""


@dataclass(frozen=True)
class AnyWords(Marker):
    """`Annotated[str, AnyWords()]`: prose, which two people never write alike; it does not affect whether an answer is
    exact.
    """


@dataclass(frozen=True)
class From(Marker):
    """`Annotated[Ref[str], From("passages")]`: the list that a Ref points into, or the image that a Box lies on.

    `path` is the name of a parameter, or a dotted path into one: `From("house.devices")`.
    """

    path: str


@dataclass(frozen=True)
class Quote(Marker):
    """`Annotated[T, Quote()]`, short `Quoted[T]`: a value that stands in a text of the call's inputs."""


FORMER_MARKERS: dict[str, Marker] = {"in order": Ordered(), "in any words": AnyWords()}


Bound: TypeAlias = int | float | Decimal


@dataclass(frozen=True)
class Constraints:
    """Bounds, description and markers of one annotation.

    `markers` holds Markers, but also texts, numbers and classes as written: they are checked once the type is known.
    """

    ge: Bound | None = None
    gt: Bound | None = None
    le: Bound | None = None
    lt: Bound | None = None
    multiple_of: Bound | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    description: str = ""
    markers: tuple[object, ...] = ()

    @property
    def source(self) -> str:
        """The path of `From(...)`, "" if there is none."""
        paths = (each.path if isinstance(each, From) else each for each in self.markers)
        return next((path for path in paths if isinstance(path, str)), "")


NO_CONSTRAINTS = Constraints()
# Values of Python itself in the place of a marker. Libraries use objects of their own classes.
PLAIN_TYPES = (
    int,
    float,
    complex,
    bool,
    bytes,
    NoneType,
    EllipsisType,
    list,
    tuple,
    dict,
    set,
    frozenset,
    range,
    slice,
)
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "max_digits", "decimal_places", "min_length", "max_length", "pattern")


def constraints_from(metadata: tuple[object, ...], description: str = "") -> Constraints:
    """The constraints in metadata of pydantic and annotated-types; objects of other libraries are ignored."""
    all_bounds: dict[str, Any] = {}
    markers: list[object] = []
    for item in _flatten(metadata):
        bounds = {name: bound for name in _BOUNDS if (bound := getattr(item, name, None)) is not None}
        if isinstance(bounds.get("pattern"), Pattern):
            bounds["pattern"] = bounds["pattern"].pattern
        if isinstance(item, str) and item in FORMER_MARKERS:
            warn_renamed(f'the marker "{item}"', repr(FORMER_MARKERS[item]), stacklevel=stacklevel_outside_plait())
            markers.append(FORMER_MARKERS[item])
        elif is_marker(item):
            markers.append(item)
        else:
            all_bounds.update(bounds)
            description = getattr(item, "description", None) or description
    return Constraints(**all_bounds, description=description, markers=tuple(markers))


def is_marker(item: object) -> bool:
    """Whether it is a marker of ours, its class without parentheses, or a plain value in the place of one."""
    return (
        isinstance(item, str | Marker)
        or type(item) in PLAIN_TYPES
        or (isinstance(item, type) and issubclass(item, Marker))
    )


def _flatten(metadata: tuple[object, ...]) -> Iterator[object]:
    """The metadata in one flat sequence: `Field(ge=0)` inside `Annotated` carries its bounds in a list of its own."""
    for item in metadata:
        nested = getattr(item, "metadata", None)
        if isinstance(nested, list):
            yield from _flatten(tuple(cast(list[object], nested)))
            if getattr(item, "description", None):
                yield item
        else:
            yield item


def merge_constraints(inner: Constraints, outer: Constraints) -> Constraints:
    """Constraints of an annotation and of the field around it: outer bounds win, markers add up."""
    given: dict[str, Any] = {name: value for name, value in vars(outer).items() if value not in (None, "", ())}
    return replace(inner, **{**given, "markers": (*inner.markers, *outer.markers)})
