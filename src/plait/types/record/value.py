from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ForwardRef, cast

from pydantic import BaseModel, ValidationError

from plait.core.suggestions import did_you_mean
from plait.core.task.signature import TypeResolver, UnsupportedType, is_model
from plait.core.values.value_type import (
    CallContext,
    Constraints,
    Fault,
    InvalidValue,
    Json,
    ValueType,
    constraints_from,
)


@dataclass(frozen=True)
class RecordType(ValueType):
    """A pydantic model; `optional` names the fields that have a default and may be missing in what comes in."""

    model: type[BaseModel]
    fields: tuple[tuple[str, ValueType], ...]
    optional: frozenset[str]
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((value_type, getattr(value, name)) for name, value_type in self.fields)

    def encode(self, value: object, context: CallContext) -> Json:
        return {name: value_type.encode(getattr(value, name), context) for name, value_type in self.fields}

    def decode(self, json_value: Json, context: CallContext) -> object:
        """Every fault is told, not only the first: fields by their types, then the model's own validators."""
        if not isinstance(json_value, dict):
            raise InvalidValue(f"should be an object with {', '.join(name for name, _ in self.fields)}", json_value)
        faults = [*self.unknown_field_faults(json_value), *self.missing_field_faults(json_value)]
        values: dict[str, object] = {}
        for name, value_type in self.fields:
            if name in json_value:
                try:
                    values[name] = value_type.decode(json_value[name], context)
                except InvalidValue as error:
                    faults += error.faults_at(name)
        if faults:
            raise InvalidValue(faults[0].message, json_value, faults=tuple(faults))
        return self.validate_model(values, json_value)

    def validate_model(self, values: dict[str, object], json_value: dict[str, Json]) -> BaseModel:
        try:
            return self.model.model_validate(values, by_name=True, by_alias=False)
        except ValidationError as validation_error:
            raise InvalidValue(
                "is refused", json_value, faults=tuple(pydantic_field_faults(validation_error, json_value))
            ) from None

    def unknown_field_faults(self, json_value: Mapping[str, Json]) -> list[Fault]:
        known = [name for name, _ in self.fields]
        return [
            Fault(
                (name,),
                f"is not a field; {did_you_mean(name, known, 'there are ' + ', '.join(known))}",
                json_value[name],
            )
            for name in json_value
            if name not in known
        ]

    def missing_field_faults(self, json_value: Mapping[str, Json]) -> list[Fault]:
        return [
            Fault((name,), "is missing", None)
            for name, _ in self.fields
            if name not in json_value and name not in self.optional
        ]

    def residual_checks(self) -> tuple[str, ...]:
        decorators = cast(Any, self.model).__pydantic_decorators__
        names = [*decorators.field_validators, *decorators.model_validators]
        return tuple(f"passes {self.model.__name__}.{name}" for name in names)


def pydantic_field_faults(validation_error: ValidationError, json_value: Mapping[str, Json]) -> list[Fault]:
    """Pydantic's errors as ours, each with the JSON value it is about."""
    return [
        Fault(
            tuple(map(str, error["loc"])),
            error["msg"].removeprefix("Value error, "),
            json_value.get(str(error["loc"][0])) if error["loc"] else dict(json_value),
        )
        for error in validation_error.errors(include_url=False)
    ]


def from_annotation(annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
    if not is_model(annotation):
        return None
    annotation.model_rebuild(raise_errors=False)
    fields = tuple((name, field_type(annotation, name, resolver.enter(annotation))) for name in annotation.model_fields)
    optional = frozenset(name for name, field in annotation.model_fields.items() if not field.is_required())
    return RecordType(annotation, fields, optional, constraints.description)


def field_type(model: type[BaseModel], name: str, resolver: TypeResolver) -> ValueType:
    field = model.model_fields[name]
    if isinstance(field.annotation, ForwardRef):
        raise UnsupportedType(
            f"{field.annotation.__forward_arg__} is not known where {model.__name__} is declared",
            f"define it above the task; for a class inside a function: {model.__name__}.model_rebuild()",
            f"{model.__name__}.{name}",
        )
    try:
        return resolver.resolve(field.annotation, constraints_from(tuple(field.metadata), field.description or ""))
    except UnsupportedType as error:
        error.path = error.path or f"{model.__name__}.{name}"
        raise
