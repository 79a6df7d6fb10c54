from plait.core.task.candidates import NAME_ATTRIBUTES
from plait.core.values.value_type import CallContext, ValueType
from plait.core.values.value_type import describe as describe_type
from plait.core.values.value_type import render as render_value
from plait.types.record.value import RecordType

SMALL_TYPES = ("text", "number", "boolean", "label", "moment")


def render(value_type: RecordType, value: object, context: CallContext) -> str:
    """`kitchen lamp (area: kitchen, kind: light)`; without a name of its own, `what: milk, price: 1.2`."""
    texts = {name: render_value(inner, getattr(value, name), context) for name, inner in value_type.fields}
    title = next((name for name in NAME_ATTRIBUTES if name in texts), None)
    rest = ", ".join(f"{name}: {text}" for name, text in texts.items() if name != title)
    if title is None:
        return rest
    return f"{texts[title]} ({rest})" if rest else texts[title]


def column_names(value_type: RecordType) -> tuple[str, ...]:
    """The names of the fields where each is a word or two, so that many of these are read best as a table."""
    small = all(inner.name in SMALL_TYPES for _, inner in value_type.fields)
    return tuple(name for name, _ in value_type.fields) if small and len(value_type.fields) > 1 else ()


def cell_texts(value_type: RecordType, value: object, context: CallContext) -> tuple[str, ...]:
    return tuple(render_value(inner, getattr(value, name), context) for name, inner in value_type.fields)


def describe(value_type: RecordType) -> str:
    return f"{{{', '.join(map(field_description, value_type.fields))}}}"


def field_description(field: tuple[str, ValueType]) -> str:
    name, value_type = field
    description = getattr(value_type, "description", "")
    return f'"{name}": {describe_type(value_type)}{f" ({description})" if description else ""}'
