"""Unions of types: `Switch | SetLevel`. A tag around the value names its type."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from types import UnionType as PythonUnion
from typing import Annotated, Union, cast, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.suggestions import did_you_mean
from plait.core.task.signature import Ref, TypeResolver, UnsupportedType, annotation_text, is_model
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import MISSING, ValueType, nested_field_scores


@dataclass(frozen=True)
class UnionType(ValueType):
    """A union. In JSON the tag is the only key `{"Switch": {...}}`: the first token decides, so options never clash."""

    written_as_json = True

    options: tuple[tuple[str, ValueType], ...]
    types: tuple[object, ...]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if get_origin(annotation) not in (Union, PythonUnion) or NoneType in get_args(annotation):
            return None
        types = get_args(annotation)
        options = tuple((option_tag(option), resolver.resolve(option)) for option in types)
        tags = [tag for tag, _ in options]
        if len(set(tags)) < len(tags):
            twice = next(tag for tag in tags if tags.count(tag) > 1)
            raise UnsupportedType(f"two options are called {twice}", "give one of the classes another name")
        return cls(options, types, constraints.description)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.options

    @property
    def is_endless(self) -> bool:
        return all(option.is_endless for _, option in self.options)

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield self.option(value)[1], value

    def option(self, value: object, context: CallContext | None = None) -> tuple[str, ValueType]:
        """The option of a value: for a record by its class, otherwise the first one that round-trips."""
        for option, annotation in zip(self.options, self.types, strict=True):
            if cast(object, type(value)) is annotation:
                return option
        for option in self.options:
            if round_trips(option[1], value, context):
                return option
        raise InvalidValue(self.message, repr(value))

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(tag for tag, _ in self.options)

    @property
    def message(self) -> str:
        return f"should be one of {', '.join(self.tags)}"

    def encode(self, value: object, context: CallContext) -> Json:
        tag, value_type = self.option(value, context)
        return {tag: value_type.encode(value, context)}

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, dict) or len(json_value) != 1:
            raise InvalidValue(f"should be an object with one of {', '.join(self.tags)}", json_value)
        ((tag, inner),) = json_value.items()
        value_type = dict(self.options).get(tag)
        if value_type is None:
            raise InvalidValue(did_you_mean(tag, self.tags, self.message), tag)
        try:
            return value_type.decode(inner, context)
        except InvalidValue as error:
            raise InvalidValue(str(error), json_value, faults=error.faults_at(tag)) from None

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Choice(tuple(g.Object(((tag, option.grammar(context)),)) for tag, option in self.options))

    def schema(self) -> dict[str, Json]:
        return {"oneOf": [tagged_schema(tag, option) for tag, option in self.options]}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        tag, option = self.option(value)
        return f"{tag}: {option.render(value, context)}"

    def describe(self) -> str:
        return " or ".join(f"{{{dumps(tag)}: {option.describe()}}}" for tag, option in self.options)

    def score(self, prediction: object, reference: object) -> float:
        """The score of the option's own type; 0 for the wrong option."""
        (predicted, option), (expected, _) = self.option(prediction), self.option(reference)
        return option.score(prediction, reference) if predicted == expected else 0.0

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        """A score for the option, then the scores of the fields of the right option, even if another was chosen."""
        expected, option = self.option(reference)
        is_right = prediction is not MISSING and self.option(prediction)[0] == expected
        yield expected, float(is_right)
        nested = nested_field_scores(expected, option, prediction if is_right else MISSING, reference)
        yield from (each for each in nested if each[0] != expected)

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form; the option is sent as `name.tag`, its fields below `name.TAG`."""
        tag = fields.get_one(f"{name}.tag")
        option = dict(self.options).get(tag)
        if option is None:
            raise InvalidValue(self.message, tag)
        try:
            return {tag: option.read_form(fields, f"{name}.{tag}")}
        except InvalidValue as error:
            raise InvalidValue(str(error), tag, faults=error.faults_at(tag)) from None

    def to_fields(self, json_value: Json, name: str) -> Texts:
        assert isinstance(json_value, dict)
        ((tag, inner),) = json_value.items()
        return {f"{name}.tag": [tag], **dict(self.options)[tag].to_fields(inner, f"{name}.{tag}")}

    def display_name(self) -> str:
        return " | ".join(self.tags)

    def placeholder(self) -> Json:
        tag, option = next(each for each in self.options if not each[1].is_endless)
        return {tag: option.placeholder()}

    def python_literal(self, json_value: Json) -> str:
        match json_value:
            case dict() if len(json_value) == 1:
                ((tag, inner),) = json_value.items()
                option = dict(self.options).get(tag)
                return option.python_literal(inner) if option else repr(json_value)
            case _:
                return super().python_literal(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        if isinstance(json_value, dict):
            for tag, option in self.options:
                if tag in json_value:
                    yield from option.python_classes(json_value[tag])


def round_trips(value_type: ValueType, value: object, context: CallContext | None) -> bool:
    """Whether decoding the JSON form gives the value back. A Ref needs a context: without one, its type decides."""
    if context is None and isinstance(value, Ref):
        return value_type.points_into is not None
    call_context = context or NO_CONTEXT
    try:
        decoded = value_type.decode(value_type.encode(value, call_context), call_context)
    except (InvalidValue, AttributeError):
        return False
    return cast(object, type(decoded)) is type(value) and decoded == value


def tagged_schema(tag: str, option: ValueType) -> Json:
    return {
        "type": "object",
        "properties": {tag: option.schema()},
        "required": [tag],
        "additionalProperties": False,
    }


def option_tag(option: object) -> str:
    if get_origin(option) is Annotated:
        return option_tag(get_args(option)[0])
    return option.__name__ if is_model(option) else annotation_text(option)
