from plait.core.values.value_type import CallContext
from plait.types.ref.value import ReferenceType


def render(value_type: ReferenceType, value: object, context: CallContext) -> str:
    return str(value)


def describe(value_type: ReferenceType) -> str:
    return f"one of {'.'.join(value_type.path)}"
