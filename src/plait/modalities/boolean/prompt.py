from plait.core.kinds import Beside
from plait.modalities.boolean.value import Boolean


def written(kind: Boolean, value: object, beside: Beside) -> str:
    return "yes" if value else "no"


def outline(kind: Boolean) -> str:
    return "true|false"
