"""How a prompt shows a value, and what a model is told to write."""

from new_value.value import LARGEST, LETTERS, NewValueType
from plait.core.values.value_type import CallContext


def render(value_type: NewValueType, value: object, context: CallContext) -> str:
    return str(value)


def describe(value_type: NewValueType) -> str:
    return f'{{"letter": {LETTERS[0]} to {LETTERS[-1]}, "number": 1 to {LARGEST}}}'
