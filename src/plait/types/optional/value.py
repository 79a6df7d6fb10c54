from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Union, get_args, get_origin

from plait.core.task.signature import TypeResolver
from plait.core.values.value_type import CallContext, Constraints, Json, ValueType


@dataclass(frozen=True)
class Optional(ValueType):
    inner: ValueType
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("", self.inner),)

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        if value is not None:
            yield self.inner, value

    def encode(self, value: object, beside: CallContext) -> Json:
        return None if value is None else self.inner.encode(value, beside)

    def decode(self, wire: Json, beside: CallContext) -> object:
        return None if wire is None else self.inner.decode(wire, beside)


def reads(annotation: object, facts: Constraints, reader: TypeResolver) -> ValueType | None:
    if get_origin(annotation) not in (Union, UnionType) or NoneType not in get_args(annotation):
        return None
    rest = tuple(option for option in get_args(annotation) if option is not NoneType)
    return Optional(reader.resolve(Union[rest], facts), facts.description)  # noqa: UP007 - a union made at run time
