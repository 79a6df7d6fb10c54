from plait.core.values.value_type import CallContext
from plait.types.number.value import NumberType


def render(value_type: NumberType, value: object, context: CallContext) -> str:
    return str(value)


def describe(value_type: NumberType) -> str:
    return "whole number" if value_type.is_integer else "number"
