from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Union, get_args, get_origin

from plait.core.task.signature import Reader
from plait.core.values.value_type import Beside, Facts, Json, Kind


@dataclass(frozen=True)
class Optional(Kind):
    inner: Kind
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, Kind], ...]:
        return (("", self.inner),)

    def values(self, value: object) -> Iterator[tuple[Kind, object]]:
        if value is not None:
            yield self.inner, value

    def encode(self, value: object, beside: Beside) -> Json:
        return None if value is None else self.inner.encode(value, beside)

    def decode(self, wire: Json, beside: Beside) -> object:
        return None if wire is None else self.inner.decode(wire, beside)


def reads(annotation: object, facts: Facts, reader: Reader) -> Kind | None:
    if get_origin(annotation) not in (Union, UnionType) or NoneType not in get_args(annotation):
        return None
    rest = tuple(option for option in get_args(annotation) if option is not NoneType)
    return Optional(reader.kind(Union[rest], facts), facts.description)  # noqa: UP007 - a union made at run time
