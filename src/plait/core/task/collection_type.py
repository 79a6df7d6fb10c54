"""What lists and sets have in common: items of one type, with bounded length."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, cast, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.task.candidates import labels
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints, Ordered
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.value_type import MISSING, ValueType, encode_child, nested_field_scores


@dataclass(frozen=True)
class CollectionType(ValueType):
    """A list of `minimum` to `maximum` items; `element` is their annotation, which a Ref is matched with.

    `container` is its class in Python.

    The maximum binds answers; inputs may be longer unless the declaration sets it (`bounded`). `in_order` is
    `Annotated[list[...], Ordered()]`: the order counts when an answer is scored.
    """

    is_inline = False
    written_as_json = True

    item: ValueType
    element: object
    minimum: int = 0
    maximum: int = g.MAX_ITEMS
    bounded: bool = False
    description: str = ""
    in_order: bool = False
    container: Callable[[list[object]], object] = list

    @classmethod
    def of_items(
        cls,
        item: object,
        constraints: Constraints,
        resolver: TypeResolver,
        container: Callable[[list[object]], object],
    ) -> "CollectionType":
        """The type of a container with these items. Raises UnsupportedType."""
        element: object = get_args(item)[0] if get_origin(item) is Annotated else item
        minimum, bounded = constraints.min_length or 0, constraints.max_length is not None
        maximum = max(g.MAX_ITEMS, minimum) if constraints.max_length is None else constraints.max_length
        if minimum > maximum:
            raise UnsupportedType(f"no list has {minimum} to {maximum} items", "widen min_length or max_length")
        return cls(
            resolver.resolve(item),
            element,
            minimum,
            maximum,
            bounded,
            constraints.description,
            in_order=Ordered() in constraints.markers,
            container=container,
        )

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("[]", self.item),)

    @property
    def is_endless(self) -> bool:
        return self.minimum > 0 and self.item.is_endless

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((self.item, each) for each in cast("list[object]", value))

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, list | tuple | set | frozenset | deque):
            raise InvalidValue("should be a list", repr(value))
        items = enumerate(cast("list[object]", value))
        return [encode_child(self.item, index, item, context) for index, item in items]

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
        raise_faults(faults, json_value)
        return self.container(values)

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Array(self.item.grammar(context), self.minimum, self.maximum)

    def schema(self) -> dict[str, Json]:
        array: dict[str, Json] = {"type": "array", "items": self.item.schema(), "minItems": self.minimum}
        return {**array, "maxItems": self.maximum} if self.bounded else array

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """A line per item, after a dash if items have names of their own, otherwise after their number.

        Records of scalars are rows of a table with the field names once in its header: an eighth of the tokens.
        """
        items = list(cast("list[object]", value))
        marks = ["- " if isinstance(label, str) else f"{label}. " for label in labels(items)]
        if len(items) > 1 and len(columns := self.item.columns) > 1 and all(each.is_scalar for _, each in columns):
            rows = [
                " | ".join(column.render(each, context) for column, each in self.item.iter_values(item))
                for item in items
            ]
            if not any("\n" in row for row in rows):
                head = " | ".join(name for name, _ in columns)
                return "\n".join((head, *(f"{mark}{row}" for mark, row in zip(marks, rows, strict=True))))
        return "\n".join(f"{mark}{self.item.render(item, context)}" for mark, item in zip(marks, items, strict=True))

    def describe(self) -> str:
        return f"[{self.item.describe()}, ...]"

    def score(self, prediction: object, reference: object) -> float:
        """The sum of the items' scores in the best pairing, divided by the length of the longer list.

        A missing and an invented item therefore cost the same. With `in_order` items are paired by position.
        """
        predicted, expected = list(cast("list[object]", prediction)), list(cast("list[object]", reference))
        longest = max(len(predicted), len(expected))
        return sum(score for _, _, score in self.pairs(predicted, expected)) / longest if longest else 1.0

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        """A score for each item of the reference; invented items count in "(count)"."""
        expected = list(cast("list[object]", reference))
        predicted = [] if prediction is MISSING else list(cast("list[object]", prediction))
        yield "(count)", float(len(predicted) == len(expected) and prediction is not MISSING)
        predictions = {index: predicted[other] for other, index, _ in self.pairs(predicted, expected)}
        for index, item in enumerate(expected):
            yield from nested_field_scores("[]", self.item, predictions.get(index, MISSING), item)

    def pairs(self, prediction: Sequence[object], reference: Sequence[object]) -> list[tuple[int, int, float]]:
        """Indices of the paired items, with their scores."""
        if self.in_order:
            both = enumerate(zip(prediction, reference, strict=False))
            return [(index, index, self.item.score(*pair)) for index, pair in both]
        from plait.core.evaluation.matching import best_pairs  # a declaration needs no scores

        return best_pairs(
            [[self.item.score(predicted, expected) for expected in reference] for predicted in prediction]
        )

    def read_form(self, fields: FormFields, name: str) -> Json:
        """One item for each numbered group of fields that is filled in."""
        json_value: list[Json] = []
        faults: list[Fault] = []
        for index, row in enumerate(fields.item_rows(name)):
            try:
                json_value.append(self.item.read_form(fields, row))
            except InvalidValue as error:
                faults += error.faults_at(index)
        raise_faults(faults, None)
        return json_value

    def to_fields(self, json_value: Json, name: str) -> Texts:
        assert isinstance(json_value, list)
        texts: Texts = {}
        for index, item in enumerate(json_value):
            item_fields = self.item.to_fields(item, f"{name}.{index}")
            texts |= item_fields
            if FormFields(item_fields).is_blank(f"{name}.{index}"):
                texts.setdefault(f"{name}._kept", []).append(str(index))
        return texts

    def display_name(self) -> str:
        return f"list of {self.item.display_name()}"

    def placeholder(self) -> Json:
        if self.minimum == 0 and (self.maximum == 0 or self.item.is_endless):
            return []
        return [self.item.placeholder()] * max(1, self.minimum)

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, list):
            return super().python_literal(json_value)
        return f"[{', '.join(map(self.item.python_literal, json_value))}]"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        for item in json_value if isinstance(json_value, list) else ():
            yield from self.item.python_classes(item)
