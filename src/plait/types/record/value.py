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
class Record(ValueType):
    """A pydantic model; `optional` names the fields that have a default and may be missing in what comes in."""

    model: type[BaseModel]
    fields: tuple[tuple[str, ValueType], ...]
    optional: frozenset[str]
    description: str = ""

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    def values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((kind, getattr(value, name)) for name, kind in self.fields)

    def encode(self, value: object, beside: CallContext) -> Json:
        return {name: kind.encode(getattr(value, name), beside) for name, kind in self.fields}

    def decode(self, wire: Json, beside: CallContext) -> object:
        """Every fault is told, not only the first: fields by their kinds, then the model's own validators."""
        if not isinstance(wire, dict):
            raise InvalidValue(f"should be an object with {', '.join(name for name, _ in self.fields)}", wire)
        faults = [*self.unknown(wire), *self.missing(wire)]
        values: dict[str, object] = {}
        for name, kind in self.fields:
            if name in wire:
                try:
                    values[name] = kind.decode(wire[name], beside)
                except InvalidValue as error:
                    faults += error.faults_at(name)
        if faults:
            raise InvalidValue(faults[0].message, wire, faults=tuple(faults))
        return self.validated(values, wire)

    def validated(self, values: dict[str, object], wire: dict[str, Json]) -> BaseModel:
        try:
            return self.model.model_validate(values, by_name=True, by_alias=False)
        except ValidationError as refused:
            raise InvalidValue("is refused", wire, faults=tuple(faults_of(refused, wire))) from None

    def unknown(self, wire: Mapping[str, Json]) -> list[Fault]:
        known = [name for name, _ in self.fields]
        return [
            Fault((name,), f"is not a field; {did_you_mean(name, known, 'there are ' + ', '.join(known))}", wire[name])
            for name in wire
            if name not in known
        ]

    def missing(self, wire: Mapping[str, Json]) -> list[Fault]:
        return [
            Fault((name,), "is missing", None)
            for name, _ in self.fields
            if name not in wire and name not in self.optional
        ]

    def beyond_grammar(self) -> tuple[str, ...]:
        decorators = cast(Any, self.model).__pydantic_decorators__
        names = [*decorators.field_validators, *decorators.model_validators]
        return tuple(f"passes {self.model.__name__}.{name}" for name in names)


def faults_of(refused: ValidationError, wire: Mapping[str, Json]) -> list[Fault]:
    """Pydantic's errors as ours, each with the wire form it is about."""
    return [
        Fault(
            tuple(map(str, error["loc"])),
            error["msg"].removeprefix("Value error, "),
            wire.get(str(error["loc"][0])) if error["loc"] else dict(wire),
        )
        for error in refused.errors(include_url=False)
    ]


def reads(annotation: object, facts: Constraints, reader: TypeResolver) -> ValueType | None:
    if not is_model(annotation):
        return None
    annotation.model_rebuild(raise_errors=False)
    fields = tuple((name, field_kind(annotation, name, reader.enter(annotation))) for name in annotation.model_fields)
    optional = frozenset(name for name, field in annotation.model_fields.items() if not field.is_required())
    return Record(annotation, fields, optional, facts.description)


def field_kind(model: type[BaseModel], name: str, reader: TypeResolver) -> ValueType:
    field = model.model_fields[name]
    if isinstance(field.annotation, ForwardRef):
        raise UnsupportedType(
            f"{field.annotation.__forward_arg__} is not known where {model.__name__} is declared",
            f"define it above the task; for a class inside a function: {model.__name__}.model_rebuild()",
            f"{model.__name__}.{name}",
        )
    try:
        return reader.resolve(field.annotation, constraints_from(tuple(field.metadata), field.description or ""))
    except UnsupportedType as error:
        error.path = error.path or f"{model.__name__}.{name}"
        raise
