from collections.abc import Sequence

from plait.core.task.candidates import labels
from plait.core.values.value_type import CallContext, type_function
from plait.core.values.value_type import describe as outline_of
from plait.core.values.value_type import render as written_of
from plait.types.list.value import List


def written(kind: List, value: Sequence[object], beside: CallContext) -> str:
    """A line per item: behind a dash where items have names of their own, else behind the number that points at it.

    Small records are the rows of a table, whose head says once what each of them would say: an eighth of the tokens.
    """
    marks = ["- " if isinstance(label, str) else f"{label}. " for label in labels(value)]
    head = (
        type_function(kind.item.package, "prompt.columns")(kind.item)
        if kind.item.name == "record" and len(value) > 1
        else ()
    )
    if head:
        cells = type_function(kind.item.package, "prompt.cells")
        rows = [" | ".join(cells(kind.item, item, beside)) for item in value]
        if not any("\n" in row for row in rows):
            return "\n".join((" | ".join(head), *(f"{mark}{row}" for mark, row in zip(marks, rows, strict=True))))
    return "\n".join(f"{mark}{written_of(kind.item, item, beside)}" for mark, item in zip(marks, value, strict=True))


def outline(kind: List) -> str:
    return f"[{outline_of(kind.item)}, ...]"
