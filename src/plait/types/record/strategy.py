from datetime import date
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, model_validator

from plait.core.task.signature import Ref
from plait.core.values.value_type import strategy_of
from plait.types.record.value import RecordType
from plait.types.ref.strategy import Lamp


class Line(BaseModel):
    what: str = Field(max_length=20, description="as it was sold")
    quantity: float = Field(gt=0)


class Bill(BaseModel):
    """With what records have in real life: nested ones, names for others, defaults, a rule of their own."""

    number: str = Field(alias="no", max_length=9)
    issued: date
    lines: list[Line] = Field(min_length=1, max_length=3)
    note: str | None = None
    paid: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def known(self) -> "Bill":
        if self.number == "unknown":
            raise ValueError("a bill has a number")
        return self


class Empty(BaseModel):
    pass


class Shelf(BaseModel):
    lamp: Ref[Lamp] | None
    passage: Ref[str]


SAMPLES = (Line, Bill, Empty, Shelf)


def strategy(value_type: RecordType) -> st.SearchStrategy[Any]:
    """Records that the model's own validators let pass."""
    fields = st.fixed_dictionaries({name: strategy_of(inner) for name, inner in value_type.fields})
    return fields.map(lambda values: validated_record(value_type, values)).filter(lambda record: record is not None)


def validated_record(value_type: RecordType, values: dict[str, Any]) -> object | None:
    try:
        return value_type.model.model_validate(values, by_name=True, by_alias=False)
    except ValidationError:
        return None
