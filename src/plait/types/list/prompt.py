from collections.abc import Sequence

from plait.core.task.candidates import labels
from plait.core.values.value_type import CallContext, type_function
from plait.core.values.value_type import describe as describe_type
from plait.core.values.value_type import render as render_value
from plait.types.list.value import ListType


def render(value_type: ListType, value: Sequence[object], context: CallContext) -> str:
    """A line per item: behind a dash where items have names of their own, else behind the number that points at it.

    Small records are the rows of a table, whose head says once what each of them would say: an eighth of the tokens.
    """
    marks = ["- " if isinstance(label, str) else f"{label}. " for label in labels(value)]
    head = (
        type_function(value_type.item.package, "prompt.column_names")(value_type.item)
        if value_type.item.name == "record" and len(value) > 1
        else ()
    )
    if head:
        cells = type_function(value_type.item.package, "prompt.cell_texts")
        rows = [" | ".join(cells(value_type.item, item, context)) for item in value]
        if not any("\n" in row for row in rows):
            return "\n".join((" | ".join(head), *(f"{mark}{row}" for mark, row in zip(marks, rows, strict=True))))
    return "\n".join(
        f"{mark}{render_value(value_type.item, item, context)}" for mark, item in zip(marks, value, strict=True)
    )


def describe(value_type: ListType) -> str:
    return f"[{describe_type(value_type.item)}, ...]"
