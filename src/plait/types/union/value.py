from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Union, cast, get_args, get_origin

from plait.core.suggestions import did_you_mean
from plait.core.task.signature import Ref, TypeResolver, UnsupportedType, annotation_text, is_model
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class Union_(ValueType):
    """One of several kinds, written with an outer tag, `{"Switch": {...}}`: the first token decides, no clashes."""

    options: tuple[tuple[str, ValueType], ...]
    types: tuple[object, ...]
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.options

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield self.option(value)[1], value

    def encode(self, value: object, beside: CallContext) -> Json:
        tag, kind = self.option(value, beside)
        return {tag: kind.encode(value, beside)}

    def option(self, value: object, beside: CallContext | None = None) -> tuple[str, ValueType]:
        """The option that a value is of: a record by its class, else the first kind that writes and reads it back."""
        for option, annotation in zip(self.options, self.types, strict=True):
            if cast(object, type(value)) is annotation:
                return option
        for option in self.options:
            if returns(option[1], value, beside):
                return option
        raise InvalidValue(f"should be one of {', '.join(self.tags)}", repr(value))

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(tag for tag, _ in self.options)

    def decode(self, wire: Json, beside: CallContext) -> object:
        if not isinstance(wire, dict) or len(wire) != 1:
            raise InvalidValue(f"should be an object with one of {', '.join(self.tags)}", wire)
        ((tag, inner),) = wire.items()
        kind = dict(self.options).get(tag)
        if kind is None:
            raise InvalidValue(did_you_mean(tag, self.tags, f"should be one of {', '.join(self.tags)}"), tag)
        try:
            return kind.decode(inner, beside)
        except InvalidValue as error:
            raise InvalidValue(str(error), wire, faults=error.faults_at(tag)) from None


def returns(kind: ValueType, value: object, beside: CallContext | None) -> bool:
    """Whether the kind writes the value and reads it back; a Ref is a Ref where it cannot be looked up."""
    if beside is None and isinstance(value, Ref):
        return kind.name == "ref"
    around = beside or CallContext()
    try:
        read = kind.decode(kind.encode(value, around), around)
    except (InvalidValue, AttributeError):
        return False
    return cast(object, type(read)) is type(value) and read == value


def reads(annotation: object, facts: Constraints, reader: TypeResolver) -> ValueType | None:
    if get_origin(annotation) not in (Union, UnionType) or NoneType in get_args(annotation):
        return None
    types = get_args(annotation)
    options = tuple((tag_of(option), reader.resolve(option)) for option in types)
    tags = [tag for tag, _ in options]
    if len(set(tags)) < len(tags):
        twice = next(tag for tag in tags if tags.count(tag) > 1)
        raise UnsupportedType(f"two options are called {twice}", "give one of the classes another name")
    return Union_(options, types, facts.description)


def tag_of(option: object) -> str:
    if get_origin(option) is Annotated:
        return tag_of(get_args(option)[0])
    return option.__name__ if is_model(option) else annotation_text(option)
