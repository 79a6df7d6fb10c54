from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType

FORM_OF_TYPE: dict[object, Literal["date", "time", "datetime"]] = {date: "date", time: "time", datetime: "datetime"}
TYPES: dict[str, type[date] | type[time]] = {"date": date, "time": time, "datetime": datetime}
SAMPLE_TEXTS = {"date": "2026-03-14", "time": "09:30:00", "datetime": "2026-03-14T09:30:00"}


@dataclass(frozen=True)
class DateTimeType(ValueType):
    """A date, a time of day, or both, with or without offset."""

    form: Literal["date", "time", "datetime"]
    bounds: tuple[str, ...] = ()
    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, date | time):
            raise InvalidValue(f"should be a {self.form}", repr(value))
        return value.isoformat()

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str):
            raise InvalidValue(f"should be a {self.form} such as {SAMPLE_TEXTS[self.form]}", json_value)
        try:
            return TYPES[self.form].fromisoformat(json_value)
        except ValueError as error:
            raise InvalidValue(
                f"should be a {self.form} such as {SAMPLE_TEXTS[self.form]}: {error}", json_value
            ) from None

    def residual_checks(self) -> tuple[str, ...]:
        return self.bounds


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
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
    return DateTimeType(form, bounds, constraints.description)
