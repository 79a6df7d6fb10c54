from dataclasses import dataclass

from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class BooleanType(ValueType):
    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        return bool(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, bool):
            raise InvalidValue("should be true or false", json_value)
        return json_value


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    return BooleanType(constraints.description) if annotation is bool else None
