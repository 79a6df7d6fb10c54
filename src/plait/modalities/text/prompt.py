from plait.core.kinds import Beside
from plait.modalities.text.value import Text


def written(kind: Text, value: object, beside: Beside) -> str:
    return str(value)


def outline(kind: Text) -> str:
    return "text"
