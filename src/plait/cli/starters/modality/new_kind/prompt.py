"""How a model reads a value, and what it is told to write."""

from new_kind.value import LARGEST, LETTERS, NewKindKind
from plait.core.values.value_type import Beside


def render(value_type: NewKindKind, value: object, context: Beside) -> str:
    return str(value)


def describe(value_type: NewKindKind) -> str:
    return f'{{"letter": {LETTERS[0]} to {LETTERS[-1]}, "number": 1 to {LARGEST}}}'
