"""Booleans: `bool`."""

from dataclasses import dataclass

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")


@dataclass(frozen=True)
class BooleanType(ValueType):
    is_scalar = True
    is_numeric = True

    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        return cls(constraints.description) if annotation is bool else None

    def encode(self, value: object, context: CallContext) -> Json:
        return bool(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, bool):
            raise InvalidValue("should be true or false", json_value)
        return json_value

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Choice((g.Literal(True), g.Literal(False)))

    def schema(self) -> dict[str, Json]:
        return {"type": "boolean"}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return "yes" if value else "no"

    def describe(self) -> str:
        return "true|false"

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form; an unticked checkbox is not sent at all."""
        text = fields.get_one(name).strip().lower() if name in fields.data else ""
        if text not in YES + NO:
            raise InvalidValue("should be true or false", text)
        return text in YES

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: ["true" if json_value else "false"]}

    def display_name(self) -> str:
        return "yes | no"

    def placeholder(self) -> Json:
        return False
