"""The protocol of a value type: the meaning of an annotation, and everything derived from it.

A value type is one file with one subclass of ValueType: `plait/types/number.py`. Its form control may lie beside it
(`number.html`); without one a page shows JSON. The folder is the list. A value type of another package is an entry
point in the group `plait.types` that names its module (docs/how-to/add-a-value-type.md).

`from_annotation`, `encode`, `decode` and `grammar` are required; everything else has a default.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from plait.core import plugins
from plait.core.grammar.ast import Grammar
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints, Marker
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.span import InputText, Span

if TYPE_CHECKING:
    from plait.core.task.signature import TypeResolver
    from plait.core.values.data_url import ImageContent

IMAGE = "image"
Streaming = Literal["text", "items", "fields", "previews"]


class Missing:
    """The type of MISSING: no prediction."""


MISSING = Missing()


class ValueType(ABC):
    """The value type of an annotation. Subclasses are frozen dataclasses whose fields are the annotation's bounds."""

    # ── capabilities ──

    name: ClassVar[str] = ""
    """In errors, CSS classes and `plait show`; by default the name of the module."""
    markers: ClassVar[tuple[type[Marker], ...]] = ()
    """The markers that `Annotated[...]` may hold for this type."""
    media: ClassVar[str] = ""
    """What a model has to read or write besides text: IMAGE, or "" for nothing."""
    needs_image: ClassVar[bool] = False
    """Whether a value lies on an image of the call's inputs, as a Box does."""
    quotes_inputs: ClassVar[bool] = False
    """Whether a value stands in a text of the call's inputs, as a Quoted one does."""
    is_text: ClassVar[bool] = False
    """Whether a value is free text. An answer that is one is written as it stands, not as JSON."""
    is_scalar: ClassVar[bool] = False
    """Whether a value is a word or two: records of scalars are shown to a model as rows of a table."""
    is_numeric: ClassVar[bool] = False
    """Whether a value has no words by which similar examples could be found."""
    names_things: ClassVar[bool] = False
    """Whether a value is a text that can be the name of the record around it."""
    is_atomic: ClassVar[bool] = False
    """Whether half of its text means something else: a stream shows it once it is complete."""
    is_inline: ClassVar[bool] = True
    """Whether a short value may stand inside the sentence of an instruction."""
    written_as_json: ClassVar[bool] = False
    """Whether a flag of `plait run` or a cell of a table holds its JSON rather than plain text."""
    streaming: ClassVar[Streaming] = "fields"
    """How an answer grows: as text, item by item, as a partial JSON value, or by previews that the engine makes."""
    accepts_blank: bool = True
    """Whether an input may be an empty text or white space alone."""
    description: str = ""
    optional: frozenset[str] = frozenset()
    """The fields of a record that have a default."""
    computed: "tuple[tuple[str, ValueType], ...]" = ()
    """The fields of a record that code fills in."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "name" not in cls.__dict__:
            cls.name = cls.__module__.rpartition(".")[2]

    @property
    def is_compact(self) -> bool:
        """Whether its form control fits into a table cell."""
        return self.is_scalar

    @property
    def points_into(self) -> tuple[str, ...] | None:
        """The path to the list that a reference points into; None for types that are not references."""
        return None

    @property
    def lies_on(self) -> tuple[str, ...]:
        """The path to the image that a value lies on, for a type with `needs_image`."""
        return ()

    # ── the value and its JSON form ──

    @classmethod
    @abstractmethod
    def from_annotation(
        cls, annotation: object, constraints: Constraints, resolver: "TypeResolver"
    ) -> "ValueType | None":
        """The value type of an annotation, None if it belongs to another type. Raises UnsupportedType."""

    @abstractmethod
    def encode(self, value: object, context: CallContext) -> Json:
        """The JSON form of a value. Raises InvalidValue."""

    @abstractmethod
    def decode(self, json_value: Json, context: CallContext) -> object:
        """The value of a JSON form. Raises InvalidValue if it does not fit this type."""

    @abstractmethod
    def grammar(self, context: CallContext) -> Grammar:
        """The grammar of the JSON that a decoder may write. All of it decodes, except for violations of
        `residual_checks`.
        """

    def residual_checks(self) -> tuple[str, ...]:
        """Descriptions of the rules that the grammar cannot express; `decode` enforces them."""
        return ()

    def answer_limits(self) -> tuple[str, ...]:
        """Descriptions of the values of this type that the grammar leaves out, so that no model can write them."""
        return ()

    def schema(self) -> dict[str, Json]:
        """JSON Schema of the JSON form, as published in OpenAPI."""
        from plait.core.grammar.json_schema import json_schema  # a declaration needs no schema

        return json_schema(self.grammar(NO_CONTEXT))

    # ── values inside ──

    @property
    def children(self) -> tuple[tuple[str, "ValueType"], ...]:
        """The types inside, by field or option; "[]" is the items of a list, "" the inner type of an optional value."""
        return ()

    @property
    def is_endless(self) -> bool:
        """Whether each value contains another one of a type around it, so that there is none."""
        return any(child.is_endless for _, child in self.children)

    @property
    def item_type(self) -> "ValueType | None":
        """The type of the items of a list; None for every other type."""
        return dict(self.children).get("[]")

    @property
    def optional_type(self) -> "ValueType | None":
        """The inner type of an optional value; None for every other type."""
        return dict(self.children).get("")

    def iter_values(self, value: object) -> "Iterator[tuple[ValueType, object]]":
        """The values directly inside a value, each with its type."""
        yield from ()

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        """Lists and images at or below `path` that a Ref or a Box of the answer may refer to."""
        yield from ()

    def iter_texts(self, json_value: Json, path: str) -> Iterator[InputText]:
        """All texts in a value's JSON form, with their dotted paths."""
        if self.is_text and isinstance(json_value, str):
            yield InputText(path, json_value)
        for step, child, inner in self.iter_json(json_value):
            yield from child.iter_texts(inner, f"{path}.{step}" if step else path)

    def iter_json(self, json_value: Json) -> "Iterator[tuple[str, ValueType, Json]]":
        """The JSON forms directly inside a JSON form, each with its step in a dotted path and its type."""
        children = dict(self.children)
        if not children or json_value is None:
            return
        if "" in children:
            yield "", children[""], json_value
        elif isinstance(json_value, list | dict):
            of_any, steps = (
                ("[]", enumerate(json_value)) if isinstance(json_value, list) else ("{}", json_value.items())
            )
            for step, inner in steps:
                child = children.get(str(step), children.get(of_any))
                if child is not None:
                    yield str(step), child, inner

    def occurrences(self, json_value: Json, context: CallContext) -> tuple[tuple[Span, ...], ...]:
        """Every place where a quoted value stands in the inputs; one may have two spans. () for other types."""
        return ()

    @property
    def columns(self) -> "tuple[tuple[str, ValueType], ...]":
        """The fields of a value as columns of a table; () for a type without fields."""
        return ()

    @property
    def leaf_name(self) -> str:
        """The name of the type in a certificate."""
        return self.name

    # ── in a prompt ──

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """The value as text in a prompt."""
        return str(value)

    def describe(self) -> str:
        """The answer format for a model: a skeleton of the JSON form."""
        return self.name

    def format_note(self, box_format: str) -> str:
        """A sentence about the format, stated once in an instruction; "" if none is needed."""
        return ""

    def image_content(self, value: object) -> "ImageContent":
        """The encoded value for a model, for a type with `media`."""
        raise NotImplementedError(f"{self.name} has no media")

    # ── scores ──

    def score(self, prediction: object, reference: object) -> float:
        """Agreement of a prediction with the right value, in [0, 1]."""
        return float(prediction == reference)

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        """The agreement of each value inside `reference`, by dotted path; the path of a plain value is "".

        `prediction` is MISSING if the answer lacks the value.
        """
        yield "", 0.0 if prediction is MISSING else self.score(prediction, reference)

    # ── in forms, flags and snippets ──

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form from the form fields of the value called `name`. Raises InvalidValue."""
        text = fields.get_one(name)
        try:
            return parse_json(text)
        except ValueError as error:
            raise InvalidValue(f"is not JSON: {error}", text) from None

    def to_fields(self, json_value: Json, name: str) -> Texts:
        """The form fields of a JSON form; the inverse of `read_form`."""
        return {name: [dumps(json_value)]}

    def from_disk(self, text: str, folder: Path) -> Json:
        """The JSON form of the file at a path in a row or flag, for a type with `media`. Raises InvalidValue."""
        return text

    def display_name(self) -> str:
        """The name of the type on pages: the author's own class if there is one."""
        return self.name

    def placeholder(self) -> Json:
        """A JSON form for a value that was not entered yet: in code snippets, and in the example row of a file.

        It is valid as far as the type knows its rules, so that a snippet runs as it stands.
        """
        return "..."

    def python_literal(self, json_value: Json) -> str:
        """Python code that constructs the value of a JSON form."""
        return dumps(json_value) if isinstance(json_value, str) else repr(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        """The classes in that code, as module and name; the module is "" for a class beside the task."""
        yield from ()


def encode_child(value_type: ValueType, step: str | int, value: object, context: CallContext) -> Json:
    """The JSON form of a value inside another; the faults of one that has none are at `step`."""
    try:
        return value_type.encode(value, context)
    except InvalidValue as error:
        raise InvalidValue(str(error), value, faults=error.faults_at(step)) from None


def iter_types(value_type: ValueType, path: str = "") -> Iterator[tuple[str, ValueType]]:
    """The type and all types inside it, each with its dotted path."""
    yield path, value_type
    for name, child in value_type.children:
        yield from iter_types(child, f"{path}.{name}".strip("."))


def select_values(
    value_type: ValueType, value: object, is_wanted: Callable[[ValueType], bool]
) -> Iterator[tuple[ValueType, object]]:
    """All values inside a value, including itself, whose type satisfies `is_wanted`, in reading order."""
    if is_wanted(value_type):
        yield value_type, value
    for child, inner in value_type.iter_values(value):
        yield from select_values(child, inner, is_wanted)


def nested_field_scores(
    name: str, value_type: ValueType, prediction: object, reference: object
) -> Iterator[tuple[str, float]]:
    """The `field_scores` of the value called `name`, as seen from the enclosing value."""
    for path, agreement in value_type.field_scores(prediction, reference):
        yield f"{name}.{path}".strip("."), agreement


def all_value_types() -> Iterator[type[ValueType]]:
    """The value types of Plait, then those of other packages, which are looked up lazily.

    Reading entry points takes milliseconds.
    """
    for modules in (built_in_modules, plugin_modules):
        for module in modules():
            yield from value_types_in(module)


@cache
def built_in_modules() -> tuple[ModuleType, ...]:
    """The modules and packages of the folder `plait/types`."""
    return tuple(plugin.load() for plugin in plugins.built_in(plugins.TYPES))


@cache
def plugin_modules() -> tuple[ModuleType, ...]:
    """The modules of other packages. One that fails on import is left out with a warning."""
    return tuple(attempt.part for attempt in plugins.attempts(plugins.TYPES) if not attempt.error)


@cache
def value_types_in(module: ModuleType) -> tuple[type[ValueType], ...]:
    """The value types that a module or package defines."""
    return tuple(
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, ValueType)
        and f"{each.__module__}.".startswith(f"{module.__name__}.")
    )
