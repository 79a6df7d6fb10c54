from dataclasses import dataclass

from plait.core.values.value_type import Beside, Facts, Json, Kind, WireError


@dataclass(frozen=True)
class Boolean(Kind):
    description: str = ""

    def encode(self, value: object, beside: Beside) -> Json:
        return bool(value)

    def decode(self, wire: Json, beside: Beside) -> object:
        if not isinstance(wire, bool):
            raise WireError("should be true or false", wire)
        return wire


def reads(annotation: object, facts: Facts, reader: object) -> Kind | None:
    return Boolean(facts.description) if annotation is bool else None
