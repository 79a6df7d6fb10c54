"""Records with named fields in order: pydantic models, dataclasses, TypedDict, NamedTuple."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plait.core.grammar import ast as g
from plait.core.suggestions import did_you_mean
from plait.core.task.candidates import NAME_ATTRIBUTES
from plait.core.task.record_declaration import class_names, computed_fields, declared_fields, field_type
from plait.core.task.signature import TypeResolver, check_finite
from plait.core.values.call_context import NO_CONTEXT, CallContext, Target
from plait.core.values.constraints import Constraints
from plait.core.values.converted_values import encode_computed, encode_field, is_standard
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.pydantic_validation import custom_validators, json_validators, validate, validate_json
from plait.core.values.record_fields import NO_DEFAULT, get_field, is_record, record_fields
from plait.core.values.value_type import MISSING, ValueType, nested_field_scores


@dataclass(frozen=True)
class RecordType(ValueType):
    """A class with named fields. `optional` names those that have a default and may be missing in inputs.

    `aliases` are the other names of fields in JSON, each with its field; both are read. A model writes the first alias
    of a field. `computed` are the computed fields, which code fills in: they are part of an answer's JSON and are
    passed over when one is read.
    """

    is_inline = False
    written_as_json = True

    model: Any
    fields: tuple[tuple[str, ValueType], ...]
    optional: frozenset[str]
    description: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    computed: tuple[tuple[str, ValueType], ...] = ()

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if not is_record(annotation):
            return None
        inside = resolver.enter(annotation)
        declared = declared_fields(annotation)
        fields = tuple((each.name, field_type(annotation, each, inside)) for each in declared)
        optional = frozenset(each.name for each in declared if not each.is_required)
        aliases = tuple((alias, each.name) for each in declared for alias in each.aliases if alias != each.name)
        computed = tuple(computed_fields(annotation, inside))
        record = cls(annotation, fields, optional, constraints.description, aliases, computed)
        return check_finite(record, annotation, resolver)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    @property
    def columns(self) -> tuple[tuple[str, ValueType], ...]:
        return self.fields

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((value_type, get_field(value, name)) for name, value_type in self.fields if has_field(value, name))

    def iter_targets(self, path: tuple[str, ...]) -> Iterator[Target]:
        for name, value_type in self.fields:
            yield from value_type.iter_targets((*path, name))

    def encode(self, value: object, context: CallContext) -> Json:
        """The JSON form, under the aliases for a model, with the computed fields for people."""
        names = self.model_names if context.by_name else {}
        json_value: dict[str, Json] = {}
        for name, value_type in self.fields:
            if has_field(value, name):
                json_value[names.get(name, name)] = encode_field(value_type, get_field(value, name), context, name)
        for name, value_type in self.computed if context.with_computed else ():
            json_value[name] = encode_computed(value_type, value, name, context)
        return json_value

    @cached_property
    def model_names(self) -> dict[str, str]:
        """The name that a model writes for each field with an alias."""
        return {name: alias for alias, name in reversed(self.aliases)}

    def decode(self, json_value: Json, context: CallContext) -> object:
        """The record. Raises InvalidValue with every fault: first the fields by their types, then the model's
        validators.
        """
        if not isinstance(json_value, dict):
            raise InvalidValue(f"should be an object with {', '.join(name for name, _ in self.fields)}", json_value)
        computed = dict(self.computed)
        given = {name: each for name, each in json_value.items() if name not in computed} if computed else json_value
        early, sees_object = json_validators(self.model)
        if sees_object and all(is_standard(inner) for _, inner in self.fields):
            return validate_json(self.model, given)
        given = self.with_field_names(given)
        faults = [*self.unknown_field_faults(given), *self.missing_field_faults(given)]
        values: dict[str, object] = {}
        for name, value_type in self.fields:
            if name in given:
                try:
                    is_early = name in early and is_standard(value_type)
                    values[name] = given[name] if is_early else value_type.decode(given[name], context)
                except InvalidValue as error:
                    faults += error.faults_at(name)
        raise_faults(faults, json_value)
        return self.validate_fields(values, given)

    def validate_fields(self, values: dict[str, object], json_value: dict[str, Json]) -> object:
        try:
            return validate(self.model, values, json_value)
        except InvalidValue as error:
            raise InvalidValue(str(error), json_value, faults=tuple(json_faults(error, json_value))) from None

    def with_field_names(self, json_value: dict[str, Json]) -> dict[str, Json]:
        """The object with the fields' own names; the name of a field comes before its aliases."""
        if not self.aliases:
            return json_value
        aliases = dict(self.aliases)
        names = {key: aliases[key] for key in json_value if key in aliases and aliases[key] not in json_value}
        return {names.get(key, key): each for key, each in json_value.items()}

    def iter_json(self, json_value: Json) -> Iterator[tuple[str, ValueType, Json]]:
        yield from super().iter_json(self.with_field_names(json_value) if isinstance(json_value, dict) else json_value)

    def unknown_field_faults(self, json_value: Mapping[str, Json]) -> list[Fault]:
        known = dict(self.fields)
        unknown = [name for name in json_value if name not in known]
        if not unknown:
            return []
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
        names = self.model_names if context.by_name else {}
        return g.Object(tuple((names.get(name, name), inner.grammar(context)) for name, inner in self.fields))

    def residual_checks(self) -> tuple[str, ...]:
        return custom_validators(self.model)

    def schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "title": self.model.__name__,
            "properties": {
                **{name: with_description(inner) for name, inner in self.fields},
                **{name: {**with_description(inner), "readOnly": True} for name, inner in self.computed},
            },
            "required": [name for name, _ in self.fields if name not in self.optional],
            "additionalProperties": False,
        }

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        """A text such as `kitchen lamp (area: kitchen, kind: light)`; without a name, `what: milk, price: 1.2`."""
        texts = {
            name: inner.render(get_field(value, name), context) for name, inner in self.fields if has_field(value, name)
        }
        title = next((name for name in NAME_ATTRIBUTES if name in texts), None)
        rest = ", ".join(f"{name}: {text}" for name, text in texts.items() if name != title)
        if title is None:
            return rest
        return f"{texts[title]} ({rest})" if rest else texts[title]

    def describe(self) -> str:
        names = self.model_names
        return f"{{{', '.join(field_description(names.get(name, name), inner) for name, inner in self.fields)}}}"

    def score(self, prediction: object, reference: object) -> float:
        """The mean over the fields."""
        scores = [
            inner.score(get_field(prediction, name), get_field(reference, name))
            if has_field(prediction, name) and has_field(reference, name)
            else float(has_field(prediction, name) == has_field(reference, name))
            for name, inner in self.fields
        ]
        return sum(scores) / len(scores) if scores else 1.0

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        if not self.fields:
            yield from super().field_scores(prediction, reference)
        for name, inner in self.fields:
            if has_field(reference, name):
                is_known = prediction is not MISSING and has_field(prediction, name)
                predicted = get_field(prediction, name) if is_known else MISSING
                yield from nested_field_scores(name, inner, predicted, get_field(reference, name))

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

    def has_computed(self, json_value: object) -> bool:
        """Whether a JSON form has the computed fields, as answers do."""
        return isinstance(json_value, dict) and all(name in json_value for name, _ in self.computed)

    def default_values(self) -> dict[str, object]:
        """The default of each field; None if it has none or a factory."""
        defaults = {each.name: each.default for each in record_fields(self.model)}
        return {name: None if default is NO_DEFAULT else default for name, default in defaults.items()}

    def display_name(self) -> str:
        return self.model.__name__

    def placeholder(self) -> Json:
        return {name: inner.placeholder() for name, inner in self.fields}

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, dict):
            return super().python_literal(json_value)
        inner = dict(self.fields)
        arguments = (f"{name}={inner[name].python_literal(each)}" for name, each in json_value.items() if name in inner)
        return f"{class_names(self.model)[0]}({', '.join(arguments)})"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        if isinstance(json_value, dict):
            yield from (("", name) for name in class_names(self.model)[1:])
            for name, inner in self.fields:
                if name in json_value:
                    yield from inner.python_classes(json_value[name])


def with_description(value_type: ValueType) -> dict[str, Json]:
    schema = value_type.schema()
    return {**schema, "description": value_type.description} if value_type.description else schema


def field_description(name: str, value_type: ValueType) -> str:
    return f'"{name}": {value_type.describe()}' + (f" ({value_type.description})" if value_type.description else "")


def has_field(value: object, name: str) -> bool:
    """Whether a record has the field: one of a TypedDict may be absent."""
    return not isinstance(value, dict) or name in value


def json_faults(error: InvalidValue, json_value: Mapping[str, Json]) -> Iterator[Fault]:
    """The faults, each with the JSON value at the first step of its path."""
    for fault in error.faults:
        yield Fault(fault.path, fault.message, json_value.get(fault.path[0]) if fault.path else dict(json_value))
