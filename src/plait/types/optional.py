"""Optional values: `X | None`, `Literal[..., None]`."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints, Marker
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import Json
from plait.core.values.value_type import MISSING, ValueType


@dataclass(frozen=True)
class OptionalType(ValueType):
    markers = (Marker,)  # passed on to the inner type, which decides which it accepts

    inner: ValueType
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        options = tuple(option for option in get_args(annotation) if option not in (None, NoneType))
        if not options or len(options) == len(get_args(annotation)):
            return None
        if get_origin(annotation) is Literal:
            return cls(resolver.resolve(Literal[options], constraints), constraints.description)
        if get_origin(annotation) not in (Union, UnionType):
            return None
        return cls(resolver.resolve(Union[options], constraints), constraints.description)  # noqa: UP007 - a union made at run time

    @property
    def is_compact(self) -> bool:
        return self.inner.is_compact

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("", self.inner),)

    @property
    def is_endless(self) -> bool:
        return False

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        if value is not None:
            yield self.inner, value

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        yield from self.inner.iter_targets(path)

    def encode(self, value: object, context: CallContext) -> Json:
        return None if value is None else self.inner.encode(value, context)

    def decode(self, json_value: Json, context: CallContext) -> object:
        return None if json_value is None else self.inner.decode(json_value, context)

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Choice((self.inner.grammar(context), g.Literal(None)))

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [self.inner.schema(), {"type": "null"}]}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return "none" if value is None else self.inner.render(value, context)

    def describe(self) -> str:
        return f"{self.inner.describe()} or null"

    def score(self, prediction: object, reference: object) -> float:
        if prediction is None or reference is None:
            return float(prediction is reference)
        return self.inner.score(prediction, reference)

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        """One score for the whole value if the reference is None; otherwise the scores of the values inside."""
        if reference is None:
            yield "", float(prediction is None)
        else:
            yield from self.inner.field_scores(MISSING if prediction is None else prediction, reference)

    def read_form(self, fields: FormFields, name: str) -> Json:
        """None if all fields below the name are blank."""
        return None if fields.is_blank(name) else self.inner.read_form(fields, name)

    def to_fields(self, json_value: Json, name: str) -> Texts:
        if json_value is None:
            return {}
        texts = self.inner.to_fields(json_value, name)
        return {**texts, f"{name}._given": ["yes"]} if FormFields(texts).is_blank(name) else texts

    def display_name(self) -> str:
        return f"{self.inner.display_name()} | none"

    def placeholder(self) -> Json:
        return None

    def python_literal(self, json_value: Json) -> str:
        return "None" if json_value is None else self.inner.python_literal(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        if json_value is not None:
            yield from self.inner.python_classes(json_value)
