from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType

FORMS: dict[object, Literal["date", "time", "datetime"]] = {date: "date", time: "time", datetime: "datetime"}
TYPES: dict[str, type[date] | type[time]] = {"date": date, "time": time, "datetime": datetime}
SHOWN = {"date": "2026-03-14", "time": "09:30:00", "datetime": "2026-03-14T09:30:00"}


@dataclass(frozen=True)
class Moment(ValueType):
    """A date, a time of day, or both, with or without offset."""

    form: Literal["date", "time", "datetime"]
    bounds: tuple[str, ...] = ()
    description: str = ""

    def encode(self, value: object, beside: CallContext) -> Json:
        if not isinstance(value, date | time):
            raise InvalidValue(f"should be a {self.form}", repr(value))
        return value.isoformat()

    def decode(self, wire: Json, beside: CallContext) -> object:
        if not isinstance(wire, str):
            raise InvalidValue(f"should be a {self.form} such as {SHOWN[self.form]}", wire)
        try:
            return TYPES[self.form].fromisoformat(wire)
        except ValueError as fault:
            raise InvalidValue(f"should be a {self.form} such as {SHOWN[self.form]}: {fault}", wire) from None

    def beyond_grammar(self) -> tuple[str, ...]:
        return self.bounds


def reads(annotation: object, facts: Constraints, reader: object) -> ValueType | None:
    form = FORMS.get(annotation) if isinstance(annotation, type) else None
    if form is None:
        return None
    named = {"not before": facts.ge, "after": facts.gt, "not after": facts.le, "before": facts.lt}
    bounds = tuple(f"is {word} {bound}" for word, bound in named.items() if bound is not None)
    return Moment(form, bounds, facts.description)
