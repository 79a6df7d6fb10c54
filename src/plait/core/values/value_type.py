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
    json_value: object


class InvalidValue(ValueError):
    """A wire form that is not one of this kind's; the faults' paths grow on the way up."""

    def __init__(self, message: str, json_value: object, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (Fault((), message, json_value),)

    def faults_at(self, step: str | int) -> tuple[Fault, ...]:
        return tuple(Fault((str(step), *fault.path), fault.message, fault.json_value) for fault in self.faults)


@dataclass(frozen=True)
class CallContext:
    """What an answer stands beside: the inputs of its call, which a `Ref` points into.

    `candidates` holds for each path (`("devices",)`, `("house", "devices")`) the objects that may be pointed at, and
    the one picture that a box may lie on. `named` writes a reference by its candidate's unique name, as a model does;
    else by its index, as the wire does. `frame` is how the engine that answers writes boxes, "" the wire's own way.
    `pictures` are those that a prompt shows, in its order.
    """

    candidates: Mapping[tuple[str, ...], tuple[object, ...]] = field(default_factory=dict[tuple[str, ...], Any])
    by_name: bool = False
    box_format: str = ""
    images: tuple[object, ...] = ()

    @property
    def json_context(self) -> "CallContext":
        """The same as JSON has it, whoever answers."""
        return CallContext(self.candidates)


NO_CONTEXT = CallContext()


class Missing:
    """What stands where nothing was said."""


MISSING = Missing()


class ValueType(ABC):
    """One kind of value as one annotation means it. Subclasses are frozen dataclasses in `value.py` of their folder."""

    @property
    def package(self) -> str:
        """The folder's dotted name, `plait.types.number`."""
        return type(self).__module__.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.package.rpartition(".")[2]

    @abstractmethod
    def encode(self, value: object, context: CallContext) -> Json:
        """The wire form of a value."""

    @abstractmethod
    def decode(self, json_value: Json, context: CallContext) -> object:
        """The value of a wire form. Raises WireError where it is none."""

    @property
    def children(self) -> tuple[tuple[str, "ValueType"], ...]:
        """The kinds inside, each with the name it has here."""
        return ()

    def values(self, value: object) -> "Iterator[tuple[ValueType, object]]":
        """The values inside one of this kind, each with its own kind."""
        yield from ()

    def residual_checks(self) -> tuple[str, ...]:
        """What this kind asks of a value that its grammar cannot express; checked after decoding."""
        return ()


def iter_types(value_type: ValueType, path: str = "") -> Iterator[tuple[str, ValueType]]:
    """The kind and all kinds in it, each with its dotted path."""
    yield path, value_type
    for name, child in value_type.children:
        yield from iter_types(child, f"{path}.{name}".strip("."))


def iter_values(type_name: str, value_type: ValueType, value: object) -> Iterator[tuple[ValueType, object]]:
    """The values of kinds of that name in a value, in reading order: the pictures of a record's list."""
    if value_type.name == type_name:
        yield value_type, value
    for inner, each in value_type.values(value):
        yield from iter_values(type_name, inner, each)


@dataclass(frozen=True)
class Constraints:
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
    markers: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


NO_CONSTRAINTS = Constraints()
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")


def constraints_from(metadata: tuple[object, ...], description: str = "") -> Constraints:
    """The facts that pydantic's and annotated-types' metadata carry; what is not known here is kept by name."""
    known: dict[str, Any] = {}
    words: list[str] = []
    others: list[str] = []
    for item in _flatten(metadata):
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
    return Constraints(**known, description=description, markers=tuple(words), unsupported=tuple(others))


def _flatten(metadata: tuple[object, ...]) -> Iterator[object]:
    """`Field(ge=0)` inside `Annotated` carries its bounds in a list of its own."""
    for item in metadata:
        nested = getattr(item, "metadata", None)
        if isinstance(nested, list):
            yield from _flatten(tuple(cast(list[object], nested)))
            if getattr(item, "description", None):
                yield item
        else:
            yield item


@cache
def type_function(package: str, name: str) -> Any:
    """The function that a modality's file is named for: `part("plait.types.number", "grammar")`."""
    file, _, function = name.partition(".")
    return getattr(import_module(f"{package}.{file}"), function or file)


def grammar_of(value_type: ValueType, context: CallContext) -> Any:
    return type_function(value_type.package, "grammar")(value_type, context)


def schema_of(value_type: ValueType) -> dict[str, Json]:
    return type_function(value_type.package, "schema")(value_type)


def metric_of(value_type: ValueType, prediction: object, reference: object) -> float:
    return type_function(value_type.package, "metric")(value_type, prediction, reference)


def field_scores(value_type: ValueType, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
    """The agreement of each value inside the reference, by dotted path; a plain value's own path is empty."""
    if value_type.children:
        yield from type_function(value_type.package, "metric.fields")(value_type, prediction, reference)
    else:
        yield "", 0.0 if prediction is MISSING else metric_of(value_type, prediction, reference)


def nested_field_scores(
    name: str, value_type: ValueType, prediction: object, reference: object
) -> Iterator[tuple[str, float]]:
    """`fields_of` a value that is called `name` in the one around it."""
    for path, agreement in field_scores(value_type, prediction, reference):
        yield f"{name}.{path}".strip("."), agreement


def render(value_type: ValueType, value: object, context: CallContext = NO_CONTEXT) -> str:
    """The value as a model reads it in a prompt."""
    return type_function(value_type.package, "prompt.render")(value_type, value, context)


def describe(value_type: ValueType) -> str:
    """The kind as a model is told to write it: a skeleton of its JSON."""
    return type_function(value_type.package, "prompt.describe")(value_type)


def strategy_of(value_type: ValueType) -> Any:
    """Values of the kind for Hypothesis; for `strategy.py` files and `plait.testing` alone."""
    return type_function(value_type.package, "strategy")(value_type)


@cache
def built_in_modules() -> tuple[ModuleType, ...]:
    """`value.py` of every folder in `plait/modalities`."""
    folder = Path(cast(str, cast(Any, find_spec("plait.types")).submodule_search_locations[0]))
    names = sorted(file.parent.name for file in folder.glob("*/value.py"))
    return tuple(import_module(f"plait.types.{name}.value") for name in names)


@cache
def plugin_modules() -> tuple[ModuleType, ...]:
    """Modalities of other packages. Asked only when no built-in folder reads a type: entry points cost milliseconds."""
    return tuple(import_module(f"{point.value}.value") for point in entry_points(group="plait.types"))


def annotation_parsers() -> Iterator[Callable[..., ValueType | None]]:
    for module in built_in_modules():
        yield module.from_annotation
    for module in plugin_modules():
        yield module.from_annotation
