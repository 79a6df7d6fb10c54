from dataclasses import dataclass

from plait.core.grammar import TEXT
from plait.core.kinds import Beside, Facts, Json, Kind, WireError


@dataclass(frozen=True)
class Text(Kind):
    """Between `minimum` and `maximum` characters (code points), which no pattern of the grammar narrows further."""

    minimum: int = 0
    maximum: int = TEXT
    pattern: str = ""
    description: str = ""

    def encode(self, value: object, beside: Beside) -> Json:
        return str(value)

    def decode(self, wire: Json, beside: Beside) -> object:
        if not isinstance(wire, str):
            raise WireError("should be a text", wire)
        return wire

    def beyond_grammar(self) -> tuple[str, ...]:
        return (f"matches {self.pattern}",) if self.pattern else ()


def reads(annotation: object, facts: Facts, reader: object) -> Kind | None:
    if annotation is not str:
        return None
    maximum = TEXT if facts.max_length is None else facts.max_length
    return Text(facts.min_length or 0, maximum, facts.pattern or "", facts.description)
