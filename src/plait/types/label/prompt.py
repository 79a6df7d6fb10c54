from plait.core.values.json_text import dumps
from plait.core.values.value_type import CallContext
from plait.types.label.value import Label


def written(kind: Label, value: object, beside: CallContext) -> str:
    return str(kind.encode(value, CallContext()))


def outline(kind: Label) -> str:
    return "|".join(map(dumps, kind.labels))
