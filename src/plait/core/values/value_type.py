"""Kinds of values: what one annotation means, and how everything that follows from it is found.

A modality is a folder (`plait/modalities/number/`) with fixed file names, one function in each:

    value.py      reads(annotation, facts, reader) -> Kind | None, and the Kind itself: encode and decode
    prompt.py     written(kind, value, beside) and outline(kind): how a model reads a value, what it is told to write
    grammar.py    grammar(kind, beside): what a decoder is held to
    schema.py     schema(kind): JSON Schema of the wire form
    metric.py     metric(kind, prediction, reference): agreement in [0, 1]; where a value has values inside, also
                  fields(kind, prediction, reference): the same by dotted path, prediction MISSING where there is none
    control.py    read(kind, fields, name) and filled(kind, wire, name): a form's fields as wire form, and back;
                  control.html draws it
    strategy.py   strategy(kind): values for Hypothesis; only `plait.testing` imports it

The folder is the list: a file is imported when it is first asked for, so a declared task costs what it uses. A folder
elsewhere joins by an entry point in the group `plait.types`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from re import Pattern
from types import ModuleType
from typing import Any, TypeAlias, Union, cast

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a wire form: where, what, and what stood there."""

    path: tuple[str, ...]
    message: str
    wire: object


class WireError(ValueError):
    """A wire form that is not one of this kind's; the faults' paths grow on the way up."""

    def __init__(self, message: str, wire: object, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (Fault((), message, wire),)

    def inside(self, step: str | int) -> tuple[Fault, ...]:
        return tuple(Fault((str(step), *fault.path), fault.message, fault.wire) for fault in self.faults)


@dataclass(frozen=True)
class Beside:
    """What an answer stands beside: the inputs of its call, which a `Ref` points into.

    `candidates` holds for each path (`("devices",)`, `("house", "devices")`) the objects that may be pointed at, and
    the one picture that a box may lie on. `named` writes a reference by its candidate's unique name, as a model does;
    else by its index, as the wire does. `frame` is how the engine that answers writes boxes, "" the wire's own way.
    `pictures` are those that a prompt shows, in its order.
    """

    candidates: Mapping[tuple[str, ...], tuple[object, ...]] = field(default_factory=dict[tuple[str, ...], Any])
    named: bool = False
    frame: str = ""
    pictures: tuple[object, ...] = ()

    @property
    def on_the_wire(self) -> "Beside":
        """The same as JSON has it, whoever answers."""
        return Beside(self.candidates)


ALONE = Beside()


class Missing:
    """What stands where nothing was said."""


MISSING = Missing()


class Kind(ABC):
    """One kind of value as one annotation means it. Subclasses are frozen dataclasses in `value.py` of their folder."""

    @property
    def modality(self) -> str:
        """The folder's dotted name, `plait.types.number`."""
        return type(self).__module__.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.modality.rpartition(".")[2]

    @abstractmethod
    def encode(self, value: object, beside: Beside) -> Json:
        """The wire form of a value."""

    @abstractmethod
    def decode(self, wire: Json, beside: Beside) -> object:
        """The value of a wire form. Raises WireError where it is none."""

    @property
    def children(self) -> tuple[tuple[str, "Kind"], ...]:
        """The kinds inside, each with the name it has here."""
        return ()

    def values(self, value: object) -> "Iterator[tuple[Kind, object]]":
        """The values inside one of this kind, each with its own kind."""
        yield from ()

    def beyond_grammar(self) -> tuple[str, ...]:
        """What this kind asks of a value that its grammar cannot express; checked after decoding."""
        return ()


def inside(kind: Kind, trail: str = "") -> Iterator[tuple[str, Kind]]:
    """The kind and all kinds in it, each with its dotted path."""
    yield trail, kind
    for name, child in kind.children:
        yield from inside(child, f"{trail}.{name}".strip("."))


def held(name: str, kind: Kind, value: object) -> Iterator[tuple[Kind, object]]:
    """The values of kinds of that name in a value, in reading order: the pictures of a record's list."""
    if kind.name == name:
        yield kind, value
    for inner, each in kind.values(value):
        yield from held(name, inner, each)


@dataclass(frozen=True)
class Facts:
    """What stands beside a type in `Annotated[...]` or `Field(...)`."""

    ge: float | int | None = None
    gt: float | int | None = None
    le: float | int | None = None
    lt: float | int | None = None
    multiple_of: float | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    description: str = ""
    words: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


NO_FACTS = Facts()
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")


def facts_in(metadata: tuple[object, ...], description: str = "") -> Facts:
    """The facts that pydantic's and annotated-types' metadata carry; what is not known here is kept by name."""
    known: dict[str, Any] = {}
    words: list[str] = []
    others: list[str] = []
    for item in _flat(metadata):
        found = {name: bound for name in _BOUNDS if (bound := getattr(item, name, None)) is not None}
        if isinstance(found.get("pattern"), Pattern):
            found["pattern"] = found["pattern"].pattern
        if isinstance(item, str):
            words.append(item)
        elif found:
            known.update(found)
        elif not hasattr(item, "metadata"):
            others.append(type(item).__name__)
        description = getattr(item, "description", None) or description
    return Facts(**known, description=description, words=tuple(words), others=tuple(others))


def _flat(metadata: tuple[object, ...]) -> Iterator[object]:
    """`Field(ge=0)` inside `Annotated` carries its bounds in a list of its own."""
    for item in metadata:
        nested = getattr(item, "metadata", None)
        if isinstance(nested, list):
            yield from _flat(tuple(cast(list[object], nested)))
            if getattr(item, "description", None):
                yield item
        else:
            yield item


@cache
def part(modality: str, name: str) -> Any:
    """The function that a modality's file is named for: `part("plait.types.number", "grammar")`."""
    file, _, function = name.partition(".")
    return getattr(import_module(f"{modality}.{file}"), function or file)


def grammar_of(kind: Kind, beside: Beside) -> Any:
    return part(kind.modality, "grammar")(kind, beside)


def schema_of(kind: Kind) -> dict[str, Json]:
    return part(kind.modality, "schema")(kind)


def metric_of(kind: Kind, prediction: object, reference: object) -> float:
    return part(kind.modality, "metric")(kind, prediction, reference)


def fields_of(kind: Kind, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """The agreement of each value inside the reference, by dotted path; a plain value's own path is empty."""
    if kind.children:
        yield from part(kind.modality, "metric.fields")(kind, prediction, reference)
    else:
        yield "", 0.0 if prediction is MISSING else metric_of(kind, prediction, reference)


def fields_inside(name: str, kind: Kind, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """`fields_of` a value that is called `name` in the one around it."""
    for path, agreement in fields_of(kind, prediction, reference):
        yield f"{name}.{path}".strip("."), agreement


def written(kind: Kind, value: object, beside: Beside = ALONE) -> str:
    """The value as a model reads it in a prompt."""
    return part(kind.modality, "prompt.written")(kind, value, beside)


def outline(kind: Kind) -> str:
    """The kind as a model is told to write it: a skeleton of its JSON."""
    return part(kind.modality, "prompt.outline")(kind)


def strategy_of(kind: Kind) -> Any:
    """Values of the kind for Hypothesis; for `strategy.py` files and `plait.testing` alone."""
    return part(kind.modality, "strategy")(kind)


@cache
def built_in() -> tuple[ModuleType, ...]:
    """`value.py` of every folder in `plait/modalities`."""
    folder = Path(cast(str, cast(Any, find_spec("plait.types")).submodule_search_locations[0]))
    names = sorted(file.parent.name for file in folder.glob("*/value.py"))
    return tuple(import_module(f"plait.types.{name}.value") for name in names)


@cache
def plugged_in() -> tuple[ModuleType, ...]:
    """Modalities of other packages. Asked only when no built-in folder reads a type: entry points cost milliseconds."""
    return tuple(import_module(f"{point.value}.value") for point in entry_points(group="plait.types"))


def readers() -> Iterator[Callable[..., Kind | None]]:
    for module in built_in():
        yield module.reads
    for module in plugged_in():
        yield module.reads
