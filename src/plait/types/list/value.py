from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, cast, get_args, get_origin

from plait.core.grammar.ast import MAX_ITEMS
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.value_type import CallContext, Constraints, Fault, InvalidValue, Json, ValueType

IN_ORDER = "in order"


@dataclass(frozen=True)
class ListType(ValueType):
    """Between `minimum` and `maximum` values of one type; `element` is their annotation, which a Ref is matched with.

    The maximum binds answers: what comes in may be longer where the writer gave no bound of their own. `in_order` is
    `Annotated[list[...], "in order"]`: the order counts when an answer is scored.
    """

    item: ValueType
    element: object
    minimum: int = 0
    maximum: int = MAX_ITEMS
    bounded: bool = False
    description: str = ""
    in_order: bool = False

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("[]", self.item),)

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((self.item, each) for each in cast("list[object]", value))

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, list):
            raise InvalidValue("should be a list", repr(value))
        return [self.item.encode(item, context) for item in cast("list[object]", value)]

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, list):
            raise InvalidValue("should be a list", json_value)
        if len(json_value) < self.minimum or (self.bounded and len(json_value) > self.maximum):
            most = f" to {self.maximum}" if self.bounded else " or more"
            raise InvalidValue(f"should have {self.minimum}{most} items, not {len(json_value)}", json_value)
        values: list[object] = []
        faults: list[Fault] = []
        for index, item in enumerate(json_value):
            try:
                values.append(self.item.decode(item, context))
            except InvalidValue as error:
                faults += error.faults_at(index)
        if faults:
            raise InvalidValue(faults[0].message, json_value, faults=tuple(faults))
        return values


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if annotation is list:
        raise UnsupportedType("list says nothing of its items", "write list[str], or list[...] of what it holds")
    if get_origin(annotation) is not list:
        return None
    (item,) = get_args(annotation)
    element: object = get_args(item)[0] if get_origin(item) is Annotated else item
    minimum, bounded = constraints.min_length or 0, constraints.max_length is not None
    maximum = max(MAX_ITEMS, minimum) if constraints.max_length is None else constraints.max_length
    if minimum > maximum:
        raise UnsupportedType(f"no list has {minimum} to {maximum} items", "widen min_length or max_length")
    return ListType(
        resolver.resolve(item),
        element,
        minimum,
        maximum,
        bounded,
        constraints.description,
        IN_ORDER in constraints.markers,
    )
