from plait.core.values.value_type import CallContext
from plait.types.number.value import Number


def written(kind: Number, value: object, beside: CallContext) -> str:
    return str(value)


def outline(kind: Number) -> str:
    return "whole number" if kind.whole else "number"
