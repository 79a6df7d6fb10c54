from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Union, get_args, get_origin

from plait.core.task.signature import TypeResolver
from plait.core.values.value_type import CallContext, Constraints, Json, ValueType


@dataclass(frozen=True)
class OptionalType(ValueType):
    inner: ValueType
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("", self.inner),)

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        if value is not None:
            yield self.inner, value

    def encode(self, value: object, context: CallContext) -> Json:
        return None if value is None else self.inner.encode(value, context)

    def decode(self, json_value: Json, context: CallContext) -> object:
        return None if json_value is None else self.inner.decode(json_value, context)


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if get_origin(annotation) not in (Union, UnionType) or NoneType not in get_args(annotation):
        return None
    rest = tuple(option for option in get_args(annotation) if option is not NoneType)
    return OptionalType(resolver.resolve(Union[rest], constraints), constraints.description)  # noqa: UP007 - a union made at run time
