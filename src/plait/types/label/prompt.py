from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.types.label.value import EnumerationType


def render(value_type: EnumerationType, value: object, context: CallContext) -> str:
    return str(value_type.encode(value, CallContext()))


def describe(value_type: EnumerationType) -> str:
    return "|".join(map(dumps, value_type.labels))
