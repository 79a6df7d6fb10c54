from plait.core.kinds import Beside
from plait.modalities.ref.value import Reference


def written(kind: Reference, value: object, beside: Beside) -> str:
    return str(value)


def outline(kind: Reference) -> str:
    return f"one of {'.'.join(kind.path)}"
