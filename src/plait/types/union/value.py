from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from types import UnionType as PythonUnion
from typing import Annotated, Union, cast, get_args, get_origin

from plait.core.suggestions import did_you_mean
from plait.core.task.signature import Ref, TypeResolver, UnsupportedType, annotation_text, is_model
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class UnionType(ValueType):
    """One of several types, written with an outer tag, `{"Switch": {...}}`: the first token decides, no clashes."""

    options: tuple[tuple[str, ValueType], ...]
    types: tuple[object, ...]
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.options

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield self.option(value)[1], value

    def encode(self, value: object, context: CallContext) -> Json:
        tag, value_type = self.option(value, context)
        return {tag: value_type.encode(value, context)}

    def option(self, value: object, context: CallContext | None = None) -> tuple[str, ValueType]:
        """The option that a value is of: a record by its class, else the first type that writes and reads it back."""
        for option, annotation in zip(self.options, self.types, strict=True):
            if cast(object, type(value)) is annotation:
                return option
        for option in self.options:
            if round_trips(option[1], value, context):
                return option
        raise InvalidValue(f"should be one of {', '.join(self.tags)}", repr(value))

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(tag for tag, _ in self.options)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, dict) or len(json_value) != 1:
            raise InvalidValue(f"should be an object with one of {', '.join(self.tags)}", json_value)
        ((tag, inner),) = json_value.items()
        value_type = dict(self.options).get(tag)
        if value_type is None:
            raise InvalidValue(did_you_mean(tag, self.tags, f"should be one of {', '.join(self.tags)}"), tag)
        try:
            return value_type.decode(inner, context)
        except InvalidValue as error:
            raise InvalidValue(str(error), json_value, faults=error.faults_at(tag)) from None


def round_trips(value_type: ValueType, value: object, context: CallContext | None) -> bool:
    """Whether the type writes the value and reads it back; a Ref is a Ref where it cannot be looked up."""
    if context is None and isinstance(value, Ref):
        return value_type.name == "ref"
    call_context = context or CallContext()
    try:
        decoded = value_type.decode(value_type.encode(value, call_context), call_context)
    except (InvalidValue, AttributeError):
        return False
    return cast(object, type(decoded)) is type(value) and decoded == value


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if get_origin(annotation) not in (Union, PythonUnion) or NoneType in get_args(annotation):
        return None
    types = get_args(annotation)
    options = tuple((option_tag(option), resolver.resolve(option)) for option in types)
    tags = [tag for tag, _ in options]
    if len(set(tags)) < len(tags):
        repeated = next(tag for tag in tags if tags.count(tag) > 1)
        raise UnsupportedType(f"two options are called {repeated}", "give one of the classes another name")
    return UnionType(options, types, constraints.description)


def option_tag(option: object) -> str:
    if get_origin(option) is Annotated:
        return option_tag(get_args(option)[0])
    return option.__name__ if is_model(option) else annotation_text(option)
