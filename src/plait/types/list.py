"""Lists of one type with bounded length: `list[T]`, `tuple[T, ...]`, `Sequence[T]`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args, get_origin

from plait.core.task.collection_type import CollectionType
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import Target
from plait.core.values.constraints import Constraints, Ordered
from plait.core.values.value_type import ValueType

CONTAINERS: dict[object, Callable[[list[object]], object]] = {list: list, tuple: tuple, Sequence: list}


@dataclass(frozen=True)
class ListType(CollectionType):
    """A list. With `Annotated[list[...], Ordered()]` the order counts when an answer is scored."""

    markers = (Ordered,)
    streaming = "items"

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is list:
            raise UnsupportedType("list has no item type", "write list[str], or list[...] with another item type")
        container = CONTAINERS.get(get_origin(annotation))
        item, *more = get_args(annotation) or (None,)
        if container is None or (container is tuple and more != [...]):
            return None
        return cls.of_items(item, constraints, resolver, container)

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        """The list itself; lists inside its items have no path."""
        yield Target(path, self.element)
