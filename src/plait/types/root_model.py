"""Models around one value: `RootModel[list[int]]`. In JSON the value itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, is_model
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints, constraints_from
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import Json
from plait.core.values.pydantic_validation import custom_validators, validate
from plait.core.values.value_type import MISSING, ValueType


@dataclass(frozen=True)
class RootModelType(ValueType):
    written_as_json = True

    model: type[BaseModel]
    inner: ValueType
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if not is_model(annotation) or not cast(Any, annotation).__pydantic_root_model__:
            return None
        root = annotation.model_fields["root"]
        inner = resolver.enter(annotation).resolve(root.annotation, constraints_from(tuple(root.metadata)))
        return cls(annotation, inner, constraints.description)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("root", self.inner),)

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield self.inner, cast(Any, value).root

    def iter_json(self, json_value: Json) -> Iterator[tuple[str, ValueType, Json]]:
        yield "", self.inner, json_value

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        yield from self.inner.iter_targets((*path, "root"))

    def encode(self, value: object, context: CallContext) -> Json:
        return self.inner.encode(cast(Any, value).root if isinstance(value, self.model) else value, context)

    def decode(self, json_value: Json, context: CallContext) -> object:
        return validate(self.model, self.inner.decode(json_value, context), json_value)

    def grammar(self, context: CallContext) -> g.Grammar:
        """The grammar of the value; in a choice, because a text that stands alone would be written without quotes."""
        inner = self.inner.grammar(context)
        return g.Choice((inner,)) if isinstance(inner, g.Text | g.RegularExpression) else inner

    def residual_checks(self) -> tuple[str, ...]:
        return custom_validators(self.model)

    def schema(self) -> dict[str, Json]:
        return {"title": self.model.__name__, **self.inner.schema()}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return self.inner.render(cast(Any, value).root, context)

    def describe(self) -> str:
        return self.inner.describe()

    def score(self, prediction: object, reference: object) -> float:
        return self.inner.score(cast(Any, prediction).root, cast(Any, reference).root)

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        predicted = MISSING if prediction is MISSING else cast(Any, prediction).root
        yield from self.inner.field_scores(predicted, cast(Any, reference).root)

    def read_form(self, fields: FormFields, name: str) -> Json:
        return self.inner.read_form(fields, name)

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return self.inner.to_fields(json_value, name)

    def display_name(self) -> str:
        return self.model.__name__

    def placeholder(self) -> Json:
        return self.inner.placeholder()

    def python_literal(self, json_value: Json) -> str:
        return f"{self.model.__name__}({self.inner.python_literal(json_value)})"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        yield "", self.model.__name__
        yield from self.inner.python_classes(json_value)
