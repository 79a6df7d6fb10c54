from plait.core.values.value_type import CallContext
from plait.types.text.value import TextType


def render(value_type: TextType, value: object, context: CallContext) -> str:
    return str(value)


def describe(value_type: TextType) -> str:
    return "text"
