"""Sets of one type: `set[T]`, `frozenset[T]`. In JSON a list; an item that is written twice counts once."""

from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, is_dataclass
from typing import Any, cast, get_args, get_origin

from plait.core.task.collection_type import CollectionType
from plait.core.task.signature import TypeResolver, UnsupportedType, annotation_text
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

SETS: dict[object, Callable[[list[object]], object]] = {set: set, frozenset: frozenset, AbstractSet: frozenset}


@dataclass(frozen=True)
class SetType(CollectionType):
    """A list whose order and repetitions do not matter. Nothing can refer to its items: they have no places."""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is set or annotation is frozenset:
            name = annotation_text(annotation)
            raise UnsupportedType(f"{name} has no item type", f"write {name}[str], or another item type")
        container = SETS.get(get_origin(annotation))
        if container is None:
            return None
        (item,) = get_args(annotation)
        if not is_hashable(item):
            name = annotation_text(item)
            raise UnsupportedType(
                f"{name} cannot be in a set, because it can change", f"write list[{name}], or make {name} frozen"
            )
        return cls.of_items(item, constraints, resolver, container)

    def encode(self, value: object, context: CallContext) -> Json:
        """The items in the order of their JSON, since a set has none of its own."""
        json_value = super().encode(value, context)
        return sorted(json_value, key=dumps) if isinstance(json_value, list) else json_value

    def decode(self, json_value: Json, context: CallContext) -> object:
        try:
            items = cast("set[object]", super().decode(json_value, context))
        except TypeError as error:  # an item that only turns out to be unhashable as a value
            raise InvalidValue(str(error), json_value) from None
        if len(items) < self.minimum:
            raise InvalidValue(f"should have {self.minimum} different items, not {len(items)}", json_value)
        return items

    def residual_checks(self) -> tuple[str, ...]:
        return (f"has {self.minimum} different items",) if self.minimum > 1 else ()

    def display_name(self) -> str:
        return f"set of {self.item.display_name()}"

    def python_literal(self, json_value: Json) -> str:
        return (
            super().python_literal(json_value) if not json_value else f"{{{super().python_literal(json_value)[1:-1]}}}"
        )


def is_hashable(item: Any) -> bool:
    """Whether values of an annotation can be in a set. A class that compares by value cannot, unless it is frozen."""
    if get_origin(item) in (list, dict, set):
        return False
    if isinstance(item, type) and is_dataclass(item):
        return cast(Any, item).__hash__ is not None
    return not isinstance(item, type) or issubclass(item, Hashable)
