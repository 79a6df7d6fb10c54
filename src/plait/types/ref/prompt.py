from plait.core.values.value_type import CallContext
from plait.types.ref.value import Reference


def written(kind: Reference, value: object, beside: CallContext) -> str:
    return str(value)


def outline(kind: Reference) -> str:
    return f"one of {'.'.join(kind.path)}"
