from plait.core.values.value_type import CallContext
from plait.types.text.value import Text


def written(kind: Text, value: object, beside: CallContext) -> str:
    return str(value)


def outline(kind: Text) -> str:
    return "text"
