from plait.core.values.value_type import CallContext
from plait.types.boolean.value import BooleanType


def render(value_type: BooleanType, value: object, context: CallContext) -> str:
    return "yes" if value else "no"


def describe(value_type: BooleanType) -> str:
    return "true|false"
