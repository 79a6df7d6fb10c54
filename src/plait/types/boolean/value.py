from dataclasses import dataclass

from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class Boolean(ValueType):
    description: str = ""

    def encode(self, value: object, beside: CallContext) -> Json:
        return bool(value)

    def decode(self, wire: Json, beside: CallContext) -> object:
        if not isinstance(wire, bool):
            raise InvalidValue("should be true or false", wire)
        return wire


def reads(annotation: object, facts: Constraints, reader: object) -> ValueType | None:
    return Boolean(facts.description) if annotation is bool else None
