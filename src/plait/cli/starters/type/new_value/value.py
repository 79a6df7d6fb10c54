"""The value in Python, the annotation that means it, and its JSON form, both ways."""

import re
from dataclasses import dataclass
from typing import Any

from plait.core.errors import InputError
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType

LETTERS = "ABCDEF"
LARGEST = 9_999
PATTERN = re.compile(r"([A-Z])-([0-9]{1,4})")


@dataclass(frozen=True)
class NewValue:
    """A code such as B-1203: a letter from A to F, and a number from 1 to 9999."""

    letter: str
    number: int

    def __post_init__(self) -> None:
        if self.letter not in tuple(LETTERS) or self.number not in range(1, LARGEST + 1):
            raise InputError(f"{self} is no code", hint="write a letter from A to F and a number: B-1203")

    def __str__(self) -> str:
        return f"{self.letter}-{self.number}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """So that it can be a field of a pydantic model."""
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True)
class NewValueType(ValueType):
    """What one annotation says: `Annotated[NewValue, Field(description="...")]`. Bounds of yours become fields here."""

    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, NewValue):
            raise InvalidValue("should be a NewValue", repr(value))
        return {"letter": value.letter, "number": value.number}

    def decode(self, json_value: Json, context: CallContext) -> object:
        match json_value:
            case {"letter": str(letter), "number": int(number), **others} if not others and number is not True:
                try:
                    return NewValue(letter, number)
                except InputError as error:
                    raise InvalidValue(error.message, json_value) from None
            case _:
                raise InvalidValue('should be a code such as {"letter": "B", "number": 1203}', json_value)

    def residual_checks(self) -> tuple[str, ...]:
        """Rules that a grammar cannot express, such as a check digit; `decode` enforces them."""
        return ()


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    """The type that an annotation means; None for every annotation that is not ours."""
    return NewValueType(constraints.description) if annotation is NewValue else None
