"""The fields of a class with named fields: pydantic models, dataclasses, TypedDict, NamedTuple."""

import dataclasses
import sys
from dataclasses import dataclass
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import AliasChoices, BaseModel

from plait.core.values.constraints import Constraints, constraints_from

NO_DEFAULT = object()
QUALIFIERS = ("Required", "NotRequired", "ReadOnly")


@dataclass(frozen=True)
class RecordField:
    """One field of a class. `default` is NO_DEFAULT if there is none, or only a function that makes it.

    `aliases` are its other names in JSON; the first is the one that a model writes.
    """

    name: str
    annotation: Any
    constraints: Constraints
    is_required: bool
    default: object = NO_DEFAULT
    aliases: tuple[str, ...] = ()


def is_record(annotation: Any) -> bool:
    """Whether it is a class with named fields."""
    if not isinstance(annotation, type) or get_origin(annotation) is not None:
        return False
    annotation = cast(Any, annotation)
    if issubclass(annotation, BaseModel):
        return not getattr(annotation, "__pydantic_root_model__", False)
    if hasattr(annotation, "__get_pydantic_core_schema__"):  # it has a JSON form of its own: Ref, Image, Box
        return False
    return dataclasses.is_dataclass(annotation) or is_typed_dict(annotation) or is_named_tuple(annotation)


def is_typed_dict(annotation: Any) -> bool:
    return is_typeddict(annotation) or type(annotation).__name__ == "_TypedDictMeta"


def is_named_tuple(annotation: Any) -> bool:
    return issubclass(annotation, tuple) and hasattr(cast(Any, annotation), "_fields")


def is_unreadable(record: Any) -> bool:
    """Whether pydantic refuses it: a TypedDict of `typing` before Python 3.12, which loses its field qualifiers."""
    return sys.version_info < (3, 12) and is_typed_dict(record) and type(record).__module__ == "typing"


def record_fields(record: Any) -> tuple[RecordField, ...]:
    """The fields in order. Raises NameError for a type that is not defined."""
    if hasattr(record, "__pydantic_fields__"):
        return tuple(_pydantic_field(name, field) for name, field in record.__pydantic_fields__.items())
    hints = get_type_hints(record, include_extras=True)
    if dataclasses.is_dataclass(record):
        return tuple(_dataclass_field(each, hints[each.name]) for each in dataclasses.fields(record) if each.init)
    if is_typed_dict(record):
        return tuple(_field(name, hint, name in record.__required_keys__) for name, hint in hints.items())
    defaults = record._field_defaults
    return tuple(
        _field(name, hints.get(name, Any), name not in defaults, defaults.get(name)) for name in record._fields
    )


def _pydantic_field(name: str, field: Any) -> RecordField:
    constraints = constraints_from(tuple(field.metadata), field.description or "")
    default = NO_DEFAULT if field.is_required() or field.default_factory else field.default
    return RecordField(name, field.annotation, constraints, field.is_required(), default, _aliases(field))


def _aliases(field: Any) -> tuple[str, ...]:
    """The aliases that JSON may have; a path into a value below (AliasPath) is none."""
    choices: list[Any] = [field.validation_alias, field.alias]
    if isinstance(field.validation_alias, AliasChoices):
        choices = [*field.validation_alias.choices, field.alias]
    return tuple(dict.fromkeys(each for each in choices if isinstance(each, str)))


def _dataclass_field(field: Any, hint: object) -> RecordField:
    has_default = field.default is not dataclasses.MISSING
    is_required = not has_default and field.default_factory is dataclasses.MISSING
    return _field(field.name, hint, is_required, field.default if has_default else NO_DEFAULT)


def _field(name: str, hint: Any, is_required: bool, default: object = NO_DEFAULT) -> RecordField:
    while getattr(get_origin(hint), "_name", "") in QUALIFIERS:
        (hint,) = get_args(hint)
    metadata: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        metadata = tuple(more)
    aliases = tuple(dict.fromkeys(alias for each in metadata if (alias := getattr(each, "alias", None))))
    return RecordField(name, hint, constraints_from(metadata), is_required, default, aliases)


def get_field(record: Any, name: str) -> object:
    """The value of a field. Raises AttributeError or KeyError if the record lacks it."""
    return cast("dict[str, object]", record)[name] if isinstance(record, dict) else getattr(record, name)
