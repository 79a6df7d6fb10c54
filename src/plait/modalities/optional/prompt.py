from plait.core.kinds import Beside
from plait.core.kinds import outline as outline_of
from plait.core.kinds import written as written_of
from plait.modalities.optional.value import Optional


def written(kind: Optional, value: object, beside: Beside) -> str:
    return "none" if value is None else written_of(kind.inner, value, beside)


def outline(kind: Optional) -> str:
    return f"{outline_of(kind.inner)} or null"
