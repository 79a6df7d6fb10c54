"""The fields of a record class, with their value types, or an error that names the field."""

from collections.abc import Iterator
from typing import Any, ForwardRef

from plait.core.task.signature import TypeResolver, UnsupportedType, is_model
from plait.core.values.constraints import NO_CONSTRAINTS
from plait.core.values.record_fields import RecordField, is_record, is_unreadable, record_fields
from plait.core.values.value_type import ValueType


def declared_fields(record: Any) -> tuple[RecordField, ...]:
    """The fields of a class. Raises UnsupportedType if it is unfinished, or pydantic cannot read it."""
    name = record.__name__
    if is_unreadable(record):
        raise UnsupportedType(
            f"{name} is a TypedDict of typing, which pydantic reads from Python 3.12 on",
            "write from typing_extensions import TypedDict",
        )
    if is_model(record):
        record.model_rebuild(raise_errors=False)
    try:
        return record_fields(record)
    except NameError as error:
        hint = f"define it above the task, or declare {name} outside of a function"
        raise UnsupportedType(f"{error.name} is not defined where {name} is declared", hint, name) from None


def field_type(record: Any, field: RecordField, resolver: TypeResolver) -> ValueType:
    name = record.__name__
    if isinstance(field.annotation, ForwardRef):
        raise UnsupportedType(
            f"{field.annotation.__forward_arg__} is not defined where {name} is declared",
            f"define it above the task; for a class inside a function: {name}.model_rebuild()",
            f"{name}.{field.name}",
        )
    try:
        return resolver.resolve(field.annotation, field.constraints)
    except UnsupportedType as error:
        error.path = error.path or f"{name}.{field.name}"
        error.field = error.field or (record, field.name)
        raise


def computed_fields(record: Any, resolver: TypeResolver) -> Iterator[tuple[str, ValueType]]:
    """The computed fields of a pydantic model or dataclass, with their types."""
    decorators = getattr(record, "__pydantic_decorators__", None)
    for name, decorator in decorators.computed_fields.items() if decorators else ():
        field = RecordField(name, decorator.info.return_type, NO_CONSTRAINTS, is_required=True)
        yield name, field_type(record, field, resolver)


def class_names(record: Any) -> tuple[str, ...]:
    """The class as written in code, then the names to import for it: of `Page[Item]` both."""
    generic = getattr(record, "__pydantic_generic_metadata__", {})
    if not generic.get("origin"):
        return record.__name__, record.__name__
    arguments = [each.__name__ for each in generic["args"] if is_record(each)]
    return record.__name__, generic["origin"].__name__, *arguments
