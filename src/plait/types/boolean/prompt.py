from plait.core.values.value_type import Beside
from plait.types.boolean.value import Boolean


def written(kind: Boolean, value: object, beside: Beside) -> str:
    return "yes" if value else "no"


def outline(kind: Boolean) -> str:
    return "true|false"
