"""Value types: what one annotation means, and how everything that follows from it is found.

A value type is a folder (`plait/types/number/`) with fixed file names, one function in each:

    value.py      from_annotation(annotation, constraints, resolver) -> ValueType | None, and the ValueType itself:
                  encode and decode
    prompt.py     render(value_type, value, context) and describe(value_type): how a prompt shows a value, and what a
                  model is told to write
    grammar.py    grammar(value_type, context): what a decoder may write
    schema.py     schema(value_type): JSON Schema of the JSON form
    metric.py     metric(value_type, prediction, reference): agreement in [0, 1]; for values with values inside also
                  fields(value_type, prediction, reference): the same by dotted path, prediction MISSING where there
                  is none
    control.py    read(value_type, fields, name) and to_fields(value_type, json_value, name): the JSON form of a form's
                  fields, and back; control.html draws them
    strategy.py   strategy(value_type): values for Hypothesis; only `plait.testing` imports it

The folder is the list: a file is imported when it is first asked for, so a declared task costs what it uses. A folder
elsewhere joins by an entry point in the group `plait.types`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from re import Pattern
from types import ModuleType
from typing import Any, TypeAlias, Union, cast

from plait.core import plugins

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a JSON value: where, what, and what stood there."""

    path: tuple[str, ...]
    message: str
    json_value: object


class InvalidValue(ValueError):
    """A JSON value that is none of this type; the faults' paths grow on the way up."""

    def __init__(self, message: str, json_value: object, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (Fault((), message, json_value),)

    def faults_at(self, step: str | int) -> tuple[Fault, ...]:
        return tuple(Fault((str(step), *fault.path), fault.message, fault.json_value) for fault in self.faults)


@dataclass(frozen=True)
class CallContext:
    """The context of an answer: the inputs of its call, which a `Ref` points into.

    `candidates` holds for each path (`("devices",)`, `("house", "devices")`) the objects that may be pointed at, or the
    one picture that a box may lie on. `by_name` writes a reference by its candidate's unique name, as a model does;
    otherwise by its index, as JSON does. `box_format` is how the engine that answers writes boxes, "" as JSON does.
    `images` are those that a prompt shows, in its order.
    """

    candidates: Mapping[tuple[str, ...], tuple[object, ...]] = field(default_factory=dict[tuple[str, ...], Any])
    by_name: bool = False
    box_format: str = ""
    images: tuple[object, ...] = ()

    @property
    def json_context(self) -> "CallContext":
        """The same for the JSON form, whichever engine answers."""
        return CallContext(self.candidates)


NO_CONTEXT = CallContext()


class Missing:
    """The type of MISSING: no prediction."""


MISSING = Missing()


class ValueType(ABC):
    """What one annotation means. Subclasses are frozen dataclasses in `value.py` of their folder."""

    @property
    def package(self) -> str:
        """The folder's dotted name, `plait.types.number`."""
        return type(self).__module__.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.package.rpartition(".")[2]

    @abstractmethod
    def encode(self, value: object, context: CallContext) -> Json:
        """The JSON form of a value."""

    @abstractmethod
    def decode(self, json_value: Json, context: CallContext) -> object:
        """The value of a JSON form. Raises InvalidValue where it is none."""

    @property
    def children(self) -> tuple[tuple[str, "ValueType"], ...]:
        """The value types inside, each with the name it has here."""
        return ()

    def values(self, value: object) -> "Iterator[tuple[ValueType, object]]":
        """The values inside one of this type, each with its own type."""
        yield from ()

    def residual_checks(self) -> tuple[str, ...]:
        """Rules for a value that the grammar cannot express; checked after decoding."""
        return ()


def iter_types(value_type: ValueType, path: str = "") -> Iterator[tuple[str, ValueType]]:
    """The type and all types in it, each with its dotted path."""
    yield path, value_type
    for name, child in value_type.children:
        yield from iter_types(child, f"{path}.{name}".strip("."))


def iter_values(type_name: str, value_type: ValueType, value: object) -> Iterator[tuple[ValueType, object]]:
    """The values in a value whose type has that name, in reading order: the pictures of a record's list."""
    if value_type.name == type_name:
        yield value_type, value
    for inner, each in value_type.values(value):
        yield from iter_values(type_name, inner, each)


@dataclass(frozen=True)
class Constraints:
    """What `Annotated[...]` or `Field(...)` says of a type. `markers` are plain texts."""

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
    """The constraints that pydantic's and annotated-types' metadata carry; what is not known here is kept by name."""
    all_bounds: dict[str, Any] = {}
    markers: list[str] = []
    unsupported: list[str] = []
    for item in _flatten(metadata):
        bounds = {name: bound for name in _BOUNDS if (bound := getattr(item, name, None)) is not None}
        if isinstance(bounds.get("pattern"), Pattern):
            bounds["pattern"] = bounds["pattern"].pattern
        if isinstance(item, str):
            markers.append(item)
        elif bounds:
            all_bounds.update(bounds)
        elif not hasattr(item, "metadata"):
            unsupported.append(type(item).__name__)
        description = getattr(item, "description", None) or description
    return Constraints(**all_bounds, description=description, markers=tuple(markers), unsupported=tuple(unsupported))


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
    """A function of a type's folder, by file name: `type_function("plait.types.number", "grammar")`."""
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
    """`field_scores` of a value that is called `name` in the one around it."""
    for path, agreement in field_scores(value_type, prediction, reference):
        yield f"{name}.{path}".strip("."), agreement


def render(value_type: ValueType, value: object, context: CallContext = NO_CONTEXT) -> str:
    """The value as a model reads it in a prompt."""
    return type_function(value_type.package, "prompt.render")(value_type, value, context)


def describe(value_type: ValueType) -> str:
    """The type as a model is told to write it: a skeleton of its JSON."""
    return type_function(value_type.package, "prompt.describe")(value_type)


def strategy_of(value_type: ValueType) -> Any:
    """Values of the type for Hypothesis; for `strategy.py` files and `plait.testing` alone."""
    return type_function(value_type.package, "strategy")(value_type)


@cache
def built_in_modules() -> tuple[ModuleType, ...]:
    """`value.py` of every folder in `plait/types`."""
    return tuple(plugin.load() for plugin in plugins.built_in(plugins.TYPES))


@cache
def plugin_modules() -> tuple[ModuleType, ...]:
    """Value types of other packages. Read only where no built-in folder reads an annotation."""
    return tuple(attempt.part for attempt in plugins.attempts(plugins.TYPES) if not attempt.error)


def annotation_parsers() -> Iterator[Callable[..., ValueType | None]]:
    for module in built_in_modules():
        yield module.from_annotation
    for module in plugin_modules():
        yield module.from_annotation
