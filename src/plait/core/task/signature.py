"""Type resolution: from annotations to value types; `list[Line]` becomes "a list of records of ...".

The targets of a `Ref` are determined here too: the elements of `list[T]` inputs, also of lists inside inputs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NewType,
    TypeAlias,
    TypeGuard,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

from pydantic import BaseModel

from plait.core.deprecation import stacklevel_outside_plait, warn_renamed
from plait.core.suggestions import nearest_name
from plait.core.task.recursion import RecursionType
from plait.core.task.refused_types import refusal
from plait.core.values.call_context import Target
from plait.core.values.constraints import (
    FORMER_MARKERS,
    NO_CONSTRAINTS,
    PLAIN_TYPES,
    Constraints,
    From,
    Marker,
    Quote,
    constraints_from,
    merge_constraints,
)
from plait.core.values.quoting import quote
from plait.core.values.value_type import ValueType, all_value_types

T = TypeVar("T")
MAX_DEPTH = 60  # records and aliases inside one another
KNOWN_MARKERS = "markers are Ordered(), AnyWords() and From(...); to describe a value: Field(description=...)"


class UnsupportedType(Exception):
    """An annotation without a value type. `path` is its location inside the outer annotation.

    `annotation` is the innermost one that is not supported, `field` the record and the name of the field around it.
    """

    def __init__(self, message: str, hint: str, path: str = "") -> None:
        super().__init__(message)
        self.message, self.hint, self.path = message, hint, path
        self.annotation: object = None
        self.field: tuple[type, str] | None = None


class UnresolvedRef(UnsupportedType):
    """A Ref with no candidate list, or with more than one."""


@dataclass(frozen=True)
class Ref(Generic[T]):
    """One of the objects passed in: `value` *is* that object.

    The legal values come from the call's own inputs at run time and are enforced by the decoder. `index` is the
    position in the caller's list, so two equal objects stay distinct: Refs are equal if their values are, and also
    their indices if both are known.
    """

    value: T
    index: int | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ref):
            return NotImplemented
        that = cast("Ref[object]", other)
        known = self.index is not None and that.index is not None
        return (not known or self.index == that.index) and self.value == that.value

    def __hash__(self) -> int:
        return hash(Ref)

    def __repr__(self) -> str:
        return f"Ref({self.value!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


Quoted: TypeAlias = Annotated[T, Quote()]
"""A value that stands in a text of the call's inputs. To a type checker `Quoted[date]` is a `date`."""


@dataclass(frozen=True)
class TypeResolver:
    """Resolves annotations. Holds the targets of a Ref or a Box, and the records around the current annotation.

    `is_input` is True for the annotation of a parameter, which may not contain a Ref. `targets` is None until all
    parameters are resolved. `texts` are the paths of the texts that a `Quoted` value may come from.
    """

    targets: tuple[Target, ...] | None = ()
    texts: tuple[str, ...] = ()
    enclosing: tuple[Any, ...] = ()
    is_input: bool = False

    def resolve(self, annotation: object, constraints: Constraints = NO_CONSTRAINTS) -> ValueType:
        """The value type of an annotation. Raises UnsupportedType."""
        try:
            return self.find_type(annotation, constraints)
        except UnsupportedType as error:
            error.annotation = annotation if error.annotation is None else error.annotation
            raise

    def find_type(self, annotation: object, constraints: Constraints) -> ValueType:
        if get_origin(annotation) is Annotated:
            inner, *metadata = get_args(annotation)
            return self.resolve(inner, merge_constraints(constraints_from(tuple(metadata)), constraints))
        if (recursion := RecursionType.from_annotation(annotation, constraints, self)) is not None:
            return recursion
        if (alias := aliased_type(annotation)) is not None:
            return check_finite(self.enter(annotation).resolve(alias, constraints), annotation, self)
        for value_type_class in by_marker(constraints.markers):
            value_type = value_type_class.from_annotation(annotation, constraints, self)
            if value_type is not None:
                check_markers(value_type, annotation, constraints.markers)
                return value_type
        raise UnsupportedType(*refusal(annotation, annotation_text(annotation)))

    @property
    def outermost(self) -> "TypeResolver":
        """The resolver for a type that stands by itself."""
        return replace(self, enclosing=())

    def enter(self, definition: Any) -> "TypeResolver":
        """The resolver for what is inside a record or an alias. Raises UnsupportedType if it is nested too deep."""
        if len(self.enclosing) >= MAX_DEPTH:
            raise UnsupportedType(f"it is nested more than {MAX_DEPTH} types deep", "use a flat list")
        return replace(self, enclosing=(*self.enclosing, definition))


def check_finite(value_type: ValueType, annotation: object, resolver: TypeResolver) -> ValueType:
    """The type of a record or an alias. Raises UnsupportedType if each of its values would contain another one."""
    if value_type.is_endless and not resolver.enclosing:
        name = annotation_text(annotation)
        raise UnsupportedType(f"{name} contains itself without end", f"write {name} | None, or list[{name}]")
    if value_type.is_endless:  # what is around it may be what ends it
        resolver.outermost.resolve(annotation)
    return value_type


def aliased_type(annotation: Any) -> object | None:
    """The type that a `NewType` or a `type` statement names; None for any other annotation."""
    if isinstance(annotation, NewType):
        return annotation.__supertype__
    return annotation.__value__ if type(annotation).__name__ == "TypeAliasType" else None


def by_marker(markers: tuple[object, ...]) -> "Iterator[type[ValueType]]":
    """All value types; the one that a marker such as Quote() selects comes first."""
    if any(isinstance(each, Quote) for each in markers):
        yield from (each for each in all_value_types() if Quote in each.markers)
    yield from all_value_types()


def check_markers(value_type: ValueType, annotation: object, markers: tuple[object, ...]) -> None:
    """Raises UnsupportedType for a marker that the type does not accept."""
    for marker in markers if Marker not in value_type.markers else ():
        if isinstance(marker, value_type.markers):
            continue
        if isinstance(marker, str) and From in value_type.markers:
            warn_renamed(f'the marker "{marker}"', f'From("{marker}")', stacklevel=stacklevel_outside_plait())
        elif isinstance(marker, str):
            raise UnsupportedType(f'"{marker}" is not a marker', marker_hint(marker))
        elif isinstance(marker, type):
            raise UnsupportedType(f"{marker.__name__} is a class, not a marker", f"write {marker.__name__}()")
        elif type(marker) in PLAIN_TYPES:
            raise UnsupportedType(f"{quote(marker) or None} is not a marker", plain_value_hint(marker))
        else:
            accepted = ", ".join(f"{each.__name__}()" for each in value_type.markers)
            hint = f"{annotation_text(annotation)} takes {accepted}" if accepted else "leave it out"
            raise UnsupportedType(f"{marker!r} is not a marker of {annotation_text(annotation)}", hint)


def marker_hint(text: str) -> str:
    spellings = {text: repr(marker) for text, marker in FORMER_MARKERS.items()}
    spellings |= {marker.rstrip("()"): marker for marker in spellings.values()}
    nearest = nearest_name(text, spellings)
    if nearest:
        return f"did you mean {spellings[nearest]}?"
    return KNOWN_MARKERS


def plain_value_hint(value: object) -> str:
    """The hint for a value of Python in the place of a marker: a number is likely meant as a bound."""
    if type(value) in (int, float):
        return f"write a bound as Field(le={value}) or Field(max_length={value})"
    return KNOWN_MARKERS


def annotation_text(annotation: object) -> str:
    """The annotation as in source code, without module names: `list[Device] | None`."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is NoneType:
        return "None"
    if origin in (Union, UnionType):
        return " | ".join(map(annotation_text, inner))
    if origin is Literal:
        return f"Literal[{', '.join(str(each) if isinstance(each, Enum) else repr(each) for each in inner)}]"
    if origin is Annotated:
        return annotation_text(inner[0])
    name = getattr(origin or annotation, "__qualname__", None) or str(annotation).replace("typing.", "")
    short = name.rpartition(".")[2]
    return f"{short}[{', '.join(map(annotation_text, inner))}]" if inner else short


def is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def targets_in(parameters: Mapping[str, ValueType]) -> Iterator[Target]:
    """All lists in the inputs that a Ref may point into, and all images that a Box may lie on."""
    for name, value_type in parameters.items():
        yield from value_type.iter_targets((name,))
