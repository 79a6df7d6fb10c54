from plait.core.values.value_type import Beside
from plait.types.ref.value import Reference


def written(kind: Reference, value: object, beside: Beside) -> str:
    return str(value)


def outline(kind: Reference) -> str:
    return f"one of {'.'.join(kind.path)}"
