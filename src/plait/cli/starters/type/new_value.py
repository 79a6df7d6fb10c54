"""Codes such as B-1203 as a value type of Plait: a letter from A to F and a number from 1 to 9999."""

import re
from dataclasses import dataclass
from typing import Any

from plait.core.errors import InputError
from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

LETTERS = "ABCDEF"
LARGEST = 9_999
PATTERN = re.compile(r"([A-Z])-([0-9]{1,4})")


@dataclass(frozen=True)
class NewValue:
    """The value in Python. The constructor rejects invalid values."""

    letter: str
    number: int

    def __post_init__(self) -> None:
        if self.letter not in tuple(LETTERS) or self.number not in range(1, LARGEST + 1):
            raise InputError(f"{self} is not a code", hint="write a letter from A to F and a number: B-1203")

    def __str__(self) -> str:
        return f"{self.letter}-{self.number}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Lets pydantic models have fields of this type."""
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


@dataclass(frozen=True)
class NewValueType(ValueType):
    """The value type of one annotation, such as `Annotated[NewValue, Field(description="...")]`. Add bounds as fields.

    The methods below override defaults of ValueType, which documents all of them.
    """

    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        """1. The annotations that mean this type; None for every other annotation."""
        return cls(constraints.description) if annotation is NewValue else None

    def encode(self, value: object, context: CallContext) -> Json:
        """2. The JSON form of a value; an object if the value has parts. It has to match `grammar`."""
        if not isinstance(value, NewValue):
            raise InvalidValue("should be a NewValue", repr(value))
        return {"letter": value.letter, "number": value.number}

    def decode(self, json_value: Json, context: CallContext) -> object:
        """3. The value of a JSON form."""
        match json_value:
            case {"letter": str(letter), "number": int(number), **others} if not others and number is not True:
                try:
                    return NewValue(letter, number)
                except InputError as error:
                    raise InvalidValue(error.message, json_value) from None
            case _:
                raise InvalidValue('should be a code such as {"letter": "B", "number": 1203}', json_value)

    def grammar(self, context: CallContext) -> g.Grammar:
        """4. The JSON that a model can write. `decode` accepts all of it, except for what `residual_checks` names."""
        letter = g.Choice(tuple(g.Literal(each) for each in LETTERS))
        return g.Object((("letter", letter), ("number", g.Integer(1, LARGEST))))

    def residual_checks(self) -> tuple[str, ...]:
        """5. Rules that a grammar cannot express, such as a check digit; `decode` enforces them."""
        return ()

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """6. The value as a model reads it in a prompt."""
        return str(value)

    def describe(self) -> str:
        """7. The form of the answer, as the prompt states it."""
        return f'{{"letter": {LETTERS[0]} to {LETTERS[-1]}, "number": 1 to {LARGEST}}}'

    def score(self, prediction: object, reference: object) -> float:
        """8. Agreement of a prediction with the right value, from 0 to 1."""
        return float(prediction == reference)

    def read_form(self, fields: FormFields, name: str) -> Json:
        """9. The JSON form of a form field, flag or table cell. Without this method and the next: JSON text."""
        text = fields.get_one(name).strip()
        match = PATTERN.fullmatch(text)
        if match is None:
            raise InvalidValue("should be a code such as B-1203", text)
        return {"letter": match[1], "number": int(match[2])}

    def to_fields(self, json_value: Json, name: str) -> Texts:
        """10. The form fields of a JSON form. For a form control of its own, add new_value.html beside this file."""
        match json_value:
            case {"letter": letter, "number": number}:
                return {name: [f"{letter}-{number}"]}
            case _:
                return {name: [str(json_value)]}
