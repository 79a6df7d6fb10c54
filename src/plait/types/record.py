"""Records: pydantic models with named fields in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ForwardRef, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined

from plait.core.grammar import ast as g
from plait.core.suggestions import did_you_mean
from plait.core.task.candidates import NAME_ATTRIBUTES
from plait.core.task.signature import TypeResolver, UnsupportedType, is_model
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints, constraints_from
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.value_type import MISSING, ValueType, nested_field_scores


@dataclass(frozen=True)
class RecordType(ValueType):
    """A pydantic model. `optional` names the fields that have a default and may be missing in inputs."""

    is_inline = False
    written_as_json = True

    model: type[BaseModel]
    fields: tuple[tuple[str, ValueType], ...]
    optional: frozenset[str]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if not is_model(annotation):
            return None
        annotation.model_rebuild(raise_errors=False)
        inside = resolver.enter(annotation)
        fields = tuple((name, field_type(annotation, name, inside)) for name in annotation.model_fields)
        optional = frozenset(name for name, field in annotation.model_fields.items() if not field.is_required())
        return cls(annotation, fields, optional, constraints.description)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    @property
    def columns(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((value_type, getattr(value, name)) for name, value_type in self.fields)

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        for name, value_type in self.fields:
            yield from value_type.iter_targets((*path, name))

    def encode(self, value: object, context: CallContext) -> Json:
        return {name: value_type.encode(getattr(value, name), context) for name, value_type in self.fields}

    def decode(self, json_value: Json, context: CallContext) -> object:
        """The record. Raises InvalidValue with every fault: first the fields by their types, then the model's
        validators.
        """
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
        raise_faults(faults, json_value)
        return self.validate_model(values, json_value)

    def validate_model(self, values: dict[str, object], json_value: dict[str, Json]) -> BaseModel:
        try:
            return self.model.model_validate(values, by_name=True, by_alias=False)
        except ValidationError as validation_error:
            faults = tuple(pydantic_field_faults(validation_error, json_value))
            raise InvalidValue("is refused", json_value, faults=faults) from None

    def unknown_field_faults(self, json_value: Mapping[str, Json]) -> list[Fault]:
        known = [name for name, _ in self.fields]
        unknown = [name for name in json_value if name not in known]
        hints = [did_you_mean(name, known, f"there are {', '.join(known)}") for name in unknown]
        return [
            Fault((name,), f"is not a field; {hint}", json_value[name])
            for name, hint in zip(unknown, hints, strict=True)
        ]

    def missing_field_faults(self, json_value: Mapping[str, Json]) -> list[Fault]:
        return [
            Fault((name,), "is missing", None)
            for name, _ in self.fields
            if name not in json_value and name not in self.optional
        ]

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Object(tuple((name, inner.grammar(context)) for name, inner in self.fields))

    def residual_checks(self) -> tuple[str, ...]:
        decorators = cast(Any, self.model).__pydantic_decorators__
        names = [*decorators.field_validators, *decorators.model_validators]
        return tuple(f"passes {self.model.__name__}.{name}" for name in names)

    def schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "title": self.model.__name__,
            "properties": {name: with_description(inner) for name, inner in self.fields},
            "required": [name for name, _ in self.fields if name not in self.optional],
            "additionalProperties": False,
        }

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """A text such as `kitchen lamp (area: kitchen, kind: light)`; without a name, `what: milk, price: 1.2`."""
        texts = {name: inner.render(getattr(value, name), context) for name, inner in self.fields}
        title = next((name for name in NAME_ATTRIBUTES if name in texts), None)
        rest = ", ".join(f"{name}: {text}" for name, text in texts.items() if name != title)
        if title is None:
            return rest
        return f"{texts[title]} ({rest})" if rest else texts[title]

    def describe(self) -> str:
        return f"{{{', '.join(map(field_description, self.fields))}}}"

    def score(self, prediction: object, reference: object) -> float:
        """The mean over the fields."""
        scores = [inner.score(getattr(prediction, name), getattr(reference, name)) for name, inner in self.fields]
        return sum(scores) / len(scores) if scores else 1.0

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        if not self.fields:
            yield from super().field_scores(prediction, reference)
        for name, inner in self.fields:
            predicted = MISSING if prediction is MISSING else getattr(prediction, name)
            yield from nested_field_scores(name, inner, predicted, getattr(reference, name))

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The JSON form. A blank field with a default is left out, so that its default applies."""
        json_value: dict[str, Json] = {}
        faults: list[Fault] = []
        kept = fields.kept_names(name)
        for field, inner in self.fields:
            if field in self.optional and field not in kept and fields.is_blank(f"{name}.{field}"):
                continue
            try:
                json_value[field] = inner.read_form(fields, f"{name}.{field}")
            except InvalidValue as error:
                faults += error.faults_at(field)
        raise_faults(faults, None)
        return json_value

    def to_fields(self, json_value: Json, name: str) -> Texts:
        assert isinstance(json_value, dict)
        texts: Texts = {}
        for field, inner in self.fields:
            if field not in json_value:
                continue
            field_texts = inner.to_fields(json_value[field], f"{name}.{field}")
            texts |= field_texts
            if field in self.optional and FormFields(field_texts).is_blank(f"{name}.{field}"):
                texts.setdefault(f"{name}._kept", []).append(field)
        return texts

    def default_values(self) -> dict[str, object]:
        """The default of each field; None if it has none or a factory."""
        defaults = {name: field.default for name, field in self.model.model_fields.items()}
        return {name: None if default is PydanticUndefined else default for name, default in defaults.items()}

    def display_name(self) -> str:
        return self.model.__name__

    def placeholder(self) -> Json:
        return {name: inner.placeholder() for name, inner in self.fields}

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, dict):
            return super().python_literal(json_value)
        inner = dict(self.fields)
        arguments = (f"{name}={inner[name].python_literal(each)}" for name, each in json_value.items() if name in inner)
        return f"{self.model.__name__}({', '.join(arguments)})"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        if isinstance(json_value, dict):
            yield "", self.model.__name__
            for name, inner in self.fields:
                if name in json_value:
                    yield from inner.python_classes(json_value[name])


def with_description(value_type: ValueType) -> dict[str, Json]:
    schema = value_type.schema()
    return {**schema, "description": value_type.description} if value_type.description else schema


def field_description(field: tuple[str, ValueType]) -> str:
    name, value_type = field
    return f'"{name}": {value_type.describe()}' + (f" ({value_type.description})" if value_type.description else "")


def pydantic_field_faults(validation_error: ValidationError, json_value: Mapping[str, Json]) -> list[Fault]:
    """Pydantic's errors as faults, each with the JSON value at its path."""
    return [
        Fault(
            tuple(map(str, error["loc"])),
            error["msg"].removeprefix("Value error, "),
            json_value.get(str(error["loc"][0])) if error["loc"] else dict(json_value),
        )
        for error in validation_error.errors(include_url=False)
    ]


def field_type(model: type[BaseModel], name: str, resolver: TypeResolver) -> ValueType:
    field = model.model_fields[name]
    if isinstance(field.annotation, ForwardRef):
        raise UnsupportedType(
            f"{field.annotation.__forward_arg__} is not defined where {model.__name__} is declared",
            f"define it above the task; for a class inside a function: {model.__name__}.model_rebuild()",
            f"{model.__name__}.{name}",
        )
    try:
        return resolver.resolve(field.annotation, constraints_from(tuple(field.metadata), field.description or ""))
    except UnsupportedType as error:
        error.path = error.path or f"{model.__name__}.{name}"
        raise
