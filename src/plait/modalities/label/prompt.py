from plait.core.jsontext import dumps
from plait.core.kinds import Beside
from plait.modalities.label.value import Label


def written(kind: Label, value: object, beside: Beside) -> str:
    return str(kind.encode(value, Beside()))


def outline(kind: Label) -> str:
    return "|".join(map(dumps, kind.labels))
