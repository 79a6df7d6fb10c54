"""Dates, times of day and both, in ISO 8601; only existing ones."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

FORM_OF_TYPE: dict[object, Literal["date", "time", "datetime"]] = {date: "date", time: "time", datetime: "datetime"}
TYPES: dict[str, type[date] | type[time]] = {"date": date, "time": time, "datetime": datetime}
SAMPLE_TEXTS = {"date": "2026-03-14", "time": "09:30:00", "datetime": "2026-03-14T09:30:00"}
SHAPES = {"date": "YYYY-MM-DD", "time": "HH:MM:SS", "datetime": "YYYY-MM-DDTHH:MM:SS"}


@dataclass(frozen=True)
class DateTimeType(ValueType):
    """A date, a time of day, or both, with or without offset. `bounds` are checked after decoding."""

    name = "moment"
    is_scalar = True

    form: Literal["date", "time", "datetime"]
    bounds: tuple[str, ...] = ()
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        form = FORM_OF_TYPE.get(annotation) if isinstance(annotation, type) else None
        if form is None:
            return None
        named_bounds = {
            "not before": constraints.ge,
            "after": constraints.gt,
            "not after": constraints.le,
            "before": constraints.lt,
        }
        bounds = tuple(f"is {word} {bound}" for word, bound in named_bounds.items() if bound is not None)
        return cls(form, bounds, constraints.description)

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, date | time):
            raise InvalidValue(f"should be a {self.form}", repr(value))
        return value.isoformat()

    def decode(self, json_value: Json, context: CallContext) -> object:
        wanted = f"should be a {self.form} such as {SAMPLE_TEXTS[self.form]}"
        if not isinstance(json_value, str):
            raise InvalidValue(wanted, json_value)
        try:
            return TYPES[self.form].fromisoformat(json_value)
        except ValueError as error:
            raise InvalidValue(f"{wanted}: {error}", json_value) from None

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.DateTime(self.form)

    def residual_checks(self) -> tuple[str, ...]:
        return self.bounds

    def schema(self) -> dict[str, Json]:
        from plait.core.grammar.json_schema import FORMATS  # a declaration needs no schema

        return {"type": "string", "format": FORMATS[self.form]}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        assert isinstance(value, date | time)
        return value.isoformat()

    def describe(self) -> str:
        return SHAPES[self.form]

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form; the date and time controls of browsers send ISO 8601."""
        return fields.get_one(name).strip()

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}

    def display_name(self) -> str:
        return self.form
