"""From an annotation to a kind: `list[Line]` becomes "a list of records of ...".

Which objects a `Ref` may point at is decided here too: the elements of `list[T]` slots, and of such lists inside slots.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeGuard, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel

from plait.core.values.value_type import NO_FACTS, Beside, Facts, Kind, facts_in, readers

T = TypeVar("T")


class UnreadableType(Exception):
    """A type that no modality reads; `trail` tells where inside the annotation it stands."""

    def __init__(self, message: str, way_out: str, trail: str = "") -> None:
        super().__init__(message)
        self.message, self.way_out, self.trail = message, way_out, trail


class UnresolvedRef(UnreadableType):
    """A Ref with no candidates, or with two."""


@dataclass(frozen=True)
class Ref(Generic[T]):
    """One of the objects that were passed in: `value` *is* that object.

    Its legal values are filled in at run time from the call's own inputs and enforced by the decoder. `index` is its
    place in the caller's list, so two equal objects stay two: Refs are equal where their values are, and their places
    where both are known.
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


@dataclass(frozen=True)
class Target:
    """A list whose elements a Ref may point at: where it is found in the inputs, and what it holds.

    Or a picture that a Box may lie on, which holds nothing.
    """

    path: tuple[str, ...]
    element: object = None
    picture: bool = False

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Reader:
    """Reads annotations; knows what a Ref may point at and a Box may lie on, and which records it is inside of.

    `incoming` is a parameter's, which no Ref can stand in: what it points at is still on its way. Its targets are None
    as long as the parameters themselves are not all read.
    """

    targets: tuple[Target, ...] | None = ()
    within: tuple[type, ...] = ()
    incoming: bool = False

    def kind(self, annotation: object, facts: Facts = NO_FACTS) -> Kind:
        """The kind that an annotation means. Raises UnreadableType."""
        if get_origin(annotation) is Annotated:
            inner, *metadata = get_args(annotation)
            return self.kind(inner, merged(facts_in(tuple(metadata)), facts))
        for reads in readers():
            kind = reads(annotation, facts, self)
            if kind is not None:
                return kind
        raise UnreadableType(f"no modality reads {spelled(annotation)}", _known())

    def inside(self, record: type) -> "Reader":
        if record in self.within:
            trail = " → ".join(model.__name__ for model in (*self.within, record))
            raise UnreadableType(f"{record.__name__} contains itself ({trail})", "keep a flat list and point into it")
        return replace(self, within=(*self.within, record))


def merged(inner: Facts, outer: Facts) -> Facts:
    """Facts of an annotation and of the field around it; the outer ones win, words and names add up."""
    over: dict[str, Any] = {name: value for name, value in vars(outer).items() if value not in (None, "", ())}
    both = {"words": (*inner.words, *outer.words), "others": (*inner.others, *outer.others)}
    return replace(inner, **{**over, **both})


def _known() -> str:
    return (
        "known: str, bool, int, float, date, time, datetime, Literal, Enum, Image, Box, pydantic models, list[...], "
        "X | None, unions, Ref[...]. A kind of your own is a folder: plait new modality"
    )


def spelled(annotation: object) -> str:
    """The annotation as its writer spells it: `list[Device] | None`, without the modules that names come from."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is NoneType:
        return "None"
    if origin in (Union, UnionType):
        return " | ".join(map(spelled, inner))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin is Annotated:
        return spelled(inner[0])
    name = getattr(origin or annotation, "__qualname__", None) or str(annotation).replace("typing.", "")
    short = name.rpartition(".")[2]
    return f"{short}[{', '.join(map(spelled, inner))}]" if inner else short


def is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def targets_in(slots: Mapping[str, Kind]) -> Iterator[Target]:
    """All lists in the inputs whose elements can be pointed at, and all pictures that a box can lie on."""
    for name, slot in slots.items():
        yield from targets_below((name,), slot)


def targets_below(path: tuple[str, ...], kind: Kind) -> Iterator[Target]:
    """Lists in records are reached by their fields' names; items of lists and options of unions have none."""
    if kind.name == "list":
        yield Target(path, getattr(kind, "element", None))
    elif kind.name == "image":
        yield Target(path, picture=True)
    elif kind.name in ("record", "optional"):
        for name, child in kind.children:
            yield from targets_below((*path, name) if name else path, child)


def beside_inputs(
    targets: tuple[Target, ...], inputs: Mapping[str, object], *, named: bool = False, frame: str = ""
) -> Beside:
    """What an answer to these inputs stands beside."""
    return Beside({target.path: _at(target, inputs) for target in targets}, named, frame)


def _at(target: Target, inputs: Mapping[str, object]) -> tuple[object, ...]:
    found: object = inputs.get(target.path[0])
    for step in target.path[1:]:
        found = getattr(found, step, None)
    if target.picture:
        return () if found is None else (found,)
    return tuple(cast("list[object]", found)) if isinstance(found, list) else ()
