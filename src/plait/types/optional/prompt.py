from plait.core.values.value_type import CallContext
from plait.core.values.value_type import describe as describe_type
from plait.core.values.value_type import render as render_value
from plait.types.optional.value import OptionalType


def render(value_type: OptionalType, value: object, context: CallContext) -> str:
    return "none" if value is None else render_value(value_type.inner, value, context)


def describe(value_type: OptionalType) -> str:
    return f"{describe_type(value_type.inner)} or null"
