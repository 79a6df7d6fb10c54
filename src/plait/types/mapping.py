"""Mappings with free keys: `dict[str, T]`. The keys are texts: str, labels, dates, identifiers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnsupportedType, annotation_text
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Fault, InvalidValue, Json, raise_faults
from plait.core.values.value_type import ValueType

MAX_KEY_LENGTH = 100  # characters of a key in an answer where the declaration gives no bound


@dataclass(frozen=True)
class MappingType(ValueType):
    """A mapping with `minimum` to `maximum` keys. The maximum binds answers; inputs, only if it is `bounded`."""

    is_inline = False
    written_as_json = True

    key: ValueType
    value: ValueType
    minimum: int = 0
    maximum: int = g.MAX_ITEMS
    bounded: bool = False
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is dict:
            raise UnsupportedType("dict has no types", "write dict[str, float], or another type of values")
        if get_origin(annotation) not in (dict, Mapping):
            return None
        key, value = get_args(annotation)
        minimum, bounded = constraints.min_length or 0, constraints.max_length is not None
        maximum = max(g.MAX_ITEMS, minimum) if constraints.max_length is None else constraints.max_length
        if minimum > maximum:
            raise UnsupportedType(f"no mapping has {minimum} to {maximum} keys", "widen min_length or max_length")
        key_type = resolver.resolve(key)
        if not writes_text(key_type.grammar(NO_CONTEXT)):
            raise UnsupportedType(
                f"{annotation_text(key)} cannot be the key of a dict, because keys are texts in JSON",
                f"write dict[str, {annotation_text(value)}]",
            )
        return cls(key_type, resolver.resolve(value), minimum, maximum, bounded, constraints.description)

    @property
    def children(self) -> tuple[tuple[str, ValueType], ...]:
        return (("{}", self.value),)

    @property
    def is_endless(self) -> bool:
        return self.minimum > 0 and self.value.is_endless

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield from ((self.value, each) for each in cast("Mapping[object, object]", value).values())

    def encode(self, value: object, context: CallContext) -> Json:
        if not isinstance(value, Mapping):
            raise InvalidValue("should be a mapping", repr(value))
        items = cast("Mapping[object, object]", value).items()
        return {str(self.key.encode(key, context)): self.value.encode(each, context) for key, each in items}

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, dict):
            raise InvalidValue(f"should be an object such as {self.describe()}", json_value)
        if len(json_value) < self.minimum or (self.bounded and len(json_value) > self.maximum):
            most = f" to {self.maximum}" if self.bounded else " or more"
            raise InvalidValue(f"should have {self.minimum}{most} keys, not {len(json_value)}", json_value)
        values: dict[object, object] = {}
        faults: list[Fault] = []
        for key, each in json_value.items():
            try:
                values[self.key.decode(key, context)] = self.value.decode(each, context)
            except InvalidValue as error:
                faults += error.faults_at(key)
        raise_faults(faults, json_value)
        return values

    def grammar(self, context: CallContext) -> g.Grammar:
        key = self.key.grammar(context)
        if isinstance(key, g.Text) and key.maximum == g.MAX_TEXT_LENGTH:
            key = g.Text(key.minimum, max(MAX_KEY_LENGTH, key.minimum))
        return g.Map(key, self.value.grammar(context), self.minimum, self.maximum)

    def residual_checks(self) -> tuple[str, ...]:
        return (f"has {self.minimum} different keys",) if self.minimum > 1 else ()

    def answer_limits(self) -> tuple[str, ...]:
        return (f"has keys of at most {MAX_KEY_LENGTH} characters",)

    def schema(self) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": "object", "additionalProperties": self.value.schema()}
        schema |= (
            {"propertyNames": self.key.schema()} if self.key.schema() != {"type": "string", "minLength": 0} else {}
        )
        schema |= {"minProperties": self.minimum} if self.minimum else {}
        return {**schema, "maxProperties": self.maximum} if self.bounded else schema

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        items = cast("Mapping[object, object]", value).items()
        return "\n".join(f"{self.key.render(key, context)}: {self.value.render(each, context)}" for key, each in items)

    def describe(self) -> str:
        return f"{{{self.key.describe()}: {self.value.describe()}, ...}}"

    def score(self, prediction: object, reference: object) -> float:
        """The sum of the scores of shared keys, divided by the number of all keys."""
        predicted, expected = (cast("Mapping[object, object]", each) for each in (prediction, reference))
        keys = {**predicted, **expected}
        shared = [
            self.value.score(predicted[key], expected[key]) for key in keys if key in predicted and key in expected
        ]
        return sum(shared) / len(keys) if keys else 1.0

    def display_name(self) -> str:
        return f"{self.value.display_name()} by {self.key.display_name()}"

    def placeholder(self) -> Json:
        if self.maximum == 0 or (self.minimum == 0 and self.value.is_endless):
            return {}
        key = str(self.key.placeholder())
        names = [key, *(f"{key}{number}" for number in range(2, self.minimum + 1))]
        return {name: self.value.placeholder() for name in names}

    def python_literal(self, json_value: Json) -> str:
        if not isinstance(json_value, dict):
            return super().python_literal(json_value)
        items = (f"{dumps(key)}: {self.value.python_literal(each)}" for key, each in json_value.items())
        return f"{{{', '.join(items)}}}"

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        for each in json_value.values() if isinstance(json_value, dict) else ():
            yield from self.value.python_classes(each)


def writes_text(grammar: g.Grammar) -> bool:
    """Whether everything that the grammar admits is a JSON text, as a key has to be."""
    match grammar:
        case g.Text() | g.RegularExpression() | g.Pattern() | g.DateTime():
            return True
        case g.Choice(options):
            return all(map(writes_text, options))
        case g.Literal(value):
            return isinstance(value, str)
        case _:
            return False
