"""Tuples with one type for each place: `tuple[str, float]`. In JSON a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.grammar.json_schema import tuple_schema
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.value_type import MISSING, ValueType, nested_field_scores


@dataclass(frozen=True)
class TupleType(ValueType):
    is_inline = False
    written_as_json = True

    items: tuple[ValueType, ...]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is tuple:
            raise UnsupportedType("tuple has no item types", "write tuple[str, float], or tuple[str, ...]")
        items = get_args(annotation)
        if get_origin(annotation) is not tuple or items[1:] == (...,):
            return None
        return cls(tuple(map(resolver.resolve, items)), constraints.description)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return tuple((str(place), item) for place, item in enumerate(self.items))

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from zip(self.items, cast("tuple[object, ...]", value), strict=True)

    def encode(self, value: object, context: CallContext) -> Json:
        values = cast("tuple[object, ...]", value)
        if not isinstance(value, tuple | list) or len(values) != len(self.items):
            raise InvalidValue(self.message, repr(values))
        return [item.encode(each, context) for item, each in self.iter_values(values)]

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, list) or len(json_value) != len(self.items):
            raise InvalidValue(self.message, json_value)
        values: list[object] = []
        faults: list[Fault] = []
        for place, (item, each) in enumerate(zip(self.items, json_value, strict=True)):
            try:
                values.append(item.decode(each, context))
            except InvalidValue as error:
                faults += error.faults_at(place)
        raise_faults(faults, json_value)
        return tuple(values)

    @property
    def message(self) -> str:
        return f"should be a list of {len(self.items)} items: {self.describe()}"

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Tuple(tuple(item.grammar(context) for item in self.items))

    def schema(self) -> dict[str, Json]:
        return tuple_schema([item.schema() for item in self.items])

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return ", ".join(item.render(each, context) for item, each in self.iter_values(value))

    def describe(self) -> str:
        return f"[{', '.join(item.describe() for item in self.items)}]"

    def score(self, prediction: object, reference: object) -> float:
        """The mean over the places."""
        pairs = zip(self.iter_values(prediction), self.iter_values(reference), strict=True)
        scores = [item.score(predicted, expected) for (item, predicted), (_, expected) in pairs]
        return sum(scores) / len(scores) if scores else 1.0

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        if not self.items:
            yield from super().field_scores(prediction, reference)
        predicted = (MISSING,) * len(self.items) if prediction is MISSING else cast("tuple[object, ...]", prediction)
        for place, (item, expected) in enumerate(self.iter_values(reference)):
            yield from nested_field_scores(str(place), item, predicted[place], expected)

    def display_name(self) -> str:
        return f"({', '.join(item.display_name() for item in self.items)})"

    def placeholder(self) -> Json:
        return [item.placeholder() for item in self.items]

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, list) or len(json_value) != len(self.items):
            return super().python_literal(json_value)
        texts = [item.python_literal(each) for item, each in zip(self.items, json_value, strict=True)]
        return f"({', '.join(texts)}{',' * (len(texts) == 1)})"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        for item, each in zip(self.items, json_value, strict=False) if isinstance(json_value, list) else ():
            yield from item.python_classes(each)
