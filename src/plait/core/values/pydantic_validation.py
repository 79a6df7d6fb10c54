"""Validation by pydantic: whatever a validator of the author raises is a fault of the value."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.functional_validators import BeforeValidator, PlainValidator, WrapValidator

from plait.core.values.json_text import dumps
from plait.core.values.json_value import Fault, InvalidValue, Json


@lru_cache(maxsize=512)
def type_adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def validate(annotation: object, value: object, json_value: object = None) -> object:
    """The value, validated by its annotation; fields may have their names or aliases. Raises InvalidValue.

    `json_value` is quoted in the error, by default the value itself.
    """
    quoted = value if json_value is None else json_value
    try:
        return type_adapter(annotation).validate_python(value, by_name=True, by_alias=True)
    except ValidationError as error:
        raise InvalidValue("is refused", quoted, faults=pydantic_faults(error)) from None
    except Exception as error:  # of a validator that the author wrote
        raise validator_failure(error, quoted) from error


def validate_json(annotation: object, json_value: Json) -> object:
    """The value of a JSON form as pydantic reads it. Raises InvalidValue."""
    try:
        return type_adapter(annotation).validate_json(dumps(json_value), by_name=True, by_alias=True)
    except ValidationError as error:
        raise InvalidValue("is refused", json_value, faults=pydantic_faults(error)) from None
    except Exception as error:  # of a validator that the author wrote
        raise validator_failure(error, json_value) from error


def validator_failure(error: Exception, value: object) -> InvalidValue:
    return InvalidValue(f"a validator failed with {type(error).__name__}: {error}".rstrip(": "), value)


def pydantic_faults(error: ValidationError) -> tuple[Fault, ...]:
    """Pydantic's errors as faults."""
    return tuple(
        Fault(tuple(map(str, each["loc"])), each["msg"].removeprefix("Value error, "), each["input"])
        for each in error.errors(include_url=False)
    )


def custom_validators(model: Any) -> tuple[str, ...]:
    """The validators that the author of a model or a dataclass wrote, as rules."""
    decorators = getattr(model, "__pydantic_decorators__", None)
    names = [*decorators.field_validators, *decorators.model_validators] if decorators else []
    return tuple(f"passes {model.__name__}.{name}" for name in names)


@lru_cache(maxsize=1024)
def json_validators(model: Any) -> tuple[frozenset[str], bool]:
    """The fields whose validators see the JSON value before it is converted, and whether one sees the whole object."""
    decorators = getattr(model, "__pydantic_decorators__", None)
    if decorators is None:
        return frozenset(), False
    early = ("before", "wrap", "plain")
    fields = {
        name for each in decorators.field_validators.values() if each.info.mode in early for name in each.info.fields
    }
    for name, field in getattr(model, "__pydantic_fields__", {}).items():
        if any(isinstance(each, BeforeValidator | WrapValidator | PlainValidator) for each in field.metadata):
            fields.add(name)
    return frozenset(fields), any(each.info.mode in early for each in decorators.model_validators.values())
