from dataclasses import dataclass

from plait.core.grammar.ast import TEXT
from plait.core.task.signature import UnreadableType
from plait.core.values.value_type import Beside, Facts, Json, Kind, WireError

ANY_WORDS = "in any words"


@dataclass(frozen=True)
class Text(Kind):
    """Between `minimum` and `maximum` characters (code points), which no pattern of the grammar narrows further.

    The maximum binds answers: what comes in may be longer where the writer gave no bound of their own. `any_words` is
    `Annotated[str, "in any words"]`: prose that no two people write alike, so that an answer can be right without it.
    """

    minimum: int = 0
    maximum: int = TEXT
    pattern: str = ""
    description: str = ""
    bounded: bool = False
    any_words: bool = False

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
    minimum, bounded = facts.min_length or 0, facts.max_length is not None
    maximum = max(TEXT, minimum) if facts.max_length is None else facts.max_length
    if minimum > maximum:
        raise UnreadableType(f"no text has {minimum} to {maximum} characters", "widen min_length or max_length")
    return Text(minimum, maximum, facts.pattern or "", facts.description, bounded, ANY_WORDS in facts.words)
