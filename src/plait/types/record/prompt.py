from plait.core.task.candidates import NAME_ATTRIBUTES
from plait.core.values.value_type import CallContext, ValueType
from plait.core.values.value_type import describe as outline_of
from plait.core.values.value_type import render as written_of
from plait.types.record.value import Record

SMALL = ("text", "number", "boolean", "label", "moment")


def written(kind: Record, value: object, beside: CallContext) -> str:
    """`kitchen lamp (area: kitchen, kind: light)`; without a name of its own, `what: milk, price: 1.2`."""
    shown = {name: written_of(inner, getattr(value, name), beside) for name, inner in kind.fields}
    title = next((name for name in NAME_ATTRIBUTES if name in shown), None)
    rest = ", ".join(f"{name}: {text}" for name, text in shown.items() if name != title)
    if title is None:
        return rest
    return f"{shown[title]} ({rest})" if rest else shown[title]


def columns(kind: Record) -> tuple[str, ...]:
    """The names of the fields where each is a word or two, so that many of these are read best as a table."""
    small = all(inner.name in SMALL for _, inner in kind.fields)
    return tuple(name for name, _ in kind.fields) if small and len(kind.fields) > 1 else ()


def cells(kind: Record, value: object, beside: CallContext) -> tuple[str, ...]:
    return tuple(written_of(inner, getattr(value, name), beside) for name, inner in kind.fields)


def outline(kind: Record) -> str:
    return f"{{{', '.join(map(field, kind.fields))}}}"


def field(named: tuple[str, ValueType]) -> str:
    name, kind = named
    said = getattr(kind, "description", "")
    return f'"{name}": {outline_of(kind)}{f" ({said})" if said else ""}'
