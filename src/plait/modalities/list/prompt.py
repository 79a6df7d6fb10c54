from collections.abc import Sequence

from plait.core.candidates import labels
from plait.core.kinds import outline as outline_of
from plait.core.kinds import written as written_of
from plait.modalities.list.value import List


def written(kind: List, value: Sequence[object]) -> str:
    """A line per item: behind a dash where items have names of their own, else behind the number that points at it."""
    marks = ("- " if isinstance(label, str) else f"{label}. " for label in labels(value))
    return "\n".join(f"{mark}{written_of(kind.item, item)}" for mark, item in zip(marks, value, strict=True))


def outline(kind: List) -> str:
    return f"[{outline_of(kind.item)}, ...]"
