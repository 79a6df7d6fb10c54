from plait.core.values.value_type import CallContext
from plait.types.boolean.value import Boolean


def written(kind: Boolean, value: object, beside: CallContext) -> str:
    return "yes" if value else "no"


def outline(kind: Boolean) -> str:
    return "true|false"
