from plait.core.values.value_type import CallContext
from plait.core.values.value_type import describe as outline_of
from plait.core.values.value_type import render as written_of
from plait.types.optional.value import Optional


def written(kind: Optional, value: object, beside: CallContext) -> str:
    return "none" if value is None else written_of(kind.inner, value, beside)


def outline(kind: Optional) -> str:
    return f"{outline_of(kind.inner)} or null"
