"""Dates, times of day and both, in ISO 8601, with or without a time zone; only existing ones."""

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

Form = Literal["date", "time", "datetime"]
FORMS: dict[object, tuple[Form, g.Zone]] = {
    date: ("date", "never"),
    time: ("time", "never"),
    datetime: ("datetime", "optional"),
}
# Types of pydantic by name, so that none is imported: form, zone, and the rule that no grammar can know.
PYDANTIC_FORMS: dict[str, tuple[Form, g.Zone, str]] = {
    "AwareDatetime": ("datetime", "required", ""),
    "NaiveDatetime": ("datetime", "never", ""),
    "PastDatetime": ("datetime", "optional", "is in the past"),
    "FutureDatetime": ("datetime", "optional", "is in the future"),
    "PastDate": ("date", "never", "is in the past"),
    "FutureDate": ("date", "never", "is in the future"),
}
TYPES: dict[str, type[date] | type[time]] = {"date": date, "time": time, "datetime": datetime}
SAMPLE_TEXTS = {"date": "2026-03-14", "time": "09:30:00", "datetime": "2026-03-14T09:30:00"}
SHAPES = {"date": "YYYY-MM-DD", "time": "HH:MM:SS", "datetime": "YYYY-MM-DDTHH:MM:SS"}


@dataclass(frozen=True)
class DateTimeType(ValueType):
    """A date, a time of day, or both. `bounds` are checked after decoding.

    `zone` says whether the value has a time zone; of a `time`, the zone is read but not written by a model.
    """

    name = "moment"
    is_scalar = True
    is_atomic = True

    form: Form
    bounds: tuple[str, ...] = ()
    description: str = ""
    zone: g.Zone = "never"

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        form, zone, rule = form_of(annotation)
        if form is None:
            return None
        named_bounds = {
            "not before": constraints.ge,
            "after": constraints.gt,
            "not after": constraints.le,
            "before": constraints.lt,
        }
        bounds = tuple(f"is {word} {bound}" for word, bound in named_bounds.items() if bound is not None)
        return cls(form, (rule, *bounds) if rule else bounds, constraints.description, zone)

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, date | time):
            raise InvalidValue(f"should be a {self.form}", repr(value))
        return value.isoformat()

    def decode(self, json_value: Json, context: CallContext) -> object:
        wanted = f"should be a {self.form} such as {self.sample_text}"
        if not isinstance(json_value, str):
            raise InvalidValue(wanted, json_value)
        try:
            value = TYPES[self.form].fromisoformat(json_value)
        except ValueError as error:
            raise InvalidValue(f"{wanted}: {error}", json_value) from None
        if isinstance(value, datetime):
            self.check_zone(value, json_value)
        return value

    def check_zone(self, value: datetime, json_value: Json) -> None:
        if self.zone == "required" and value.tzinfo is None:
            raise InvalidValue(f"needs a time zone: {self.sample_text}, or an offset such as +02:00", json_value)
        if self.zone == "never" and value.tzinfo is not None:
            raise InvalidValue(f"should have no time zone: {self.sample_text}", json_value)

    @property
    def sample_text(self) -> str:
        return SAMPLE_TEXTS[self.form] + "Z" * (self.zone == "required")

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.DateTime(self.form, self.zone)

    def residual_checks(self) -> tuple[str, ...]:
        return self.bounds

    def schema(self) -> dict[str, Json]:
        from plait.core.grammar.json_schema import FORMATS  # a declaration needs no schema

        return {"type": "string", "format": FORMATS[self.form]}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        assert isinstance(value, date | time)
        return value.isoformat()

    def describe(self) -> str:
        return SHAPES[self.form] + "Z" * (self.zone == "required")

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form; the date and time controls of browsers send ISO 8601."""
        return fields.get_one(name).strip()

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}

    def display_name(self) -> str:
        return self.form

    def placeholder(self) -> Json:
        return self.sample_text


def form_of(annotation: object) -> tuple[Form | None, g.Zone, str]:
    """Form, zone and rule of an annotation; the form is None for any other type."""
    if not isinstance(annotation, type):
        return None, "never", ""
    if annotation.__module__ == "pydantic.types" and annotation.__name__ in PYDANTIC_FORMS:
        return PYDANTIC_FORMS[annotation.__name__]
    form, zone = FORMS.get(annotation, (None, "never"))
    return form, zone, ""
