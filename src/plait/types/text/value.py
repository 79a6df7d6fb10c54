from dataclasses import dataclass

from plait.core.grammar.ast import MAX_TEXT_LENGTH
from plait.core.task.signature import UnsupportedType
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType

ANY_WORDS = "in any words"


@dataclass(frozen=True)
class TextType(ValueType):
    """Between `minimum` and `maximum` characters (code points), which no pattern of the grammar narrows further.

    The maximum binds answers: what comes in may be longer where the writer gave no bound of their own. `any_words` is
    `Annotated[str, "in any words"]`: prose that no two people write alike, so that an answer can be right without it.
    """

    minimum: int = 0
    maximum: int = MAX_TEXT_LENGTH
    pattern: str = ""
    description: str = ""
    bounded: bool = False
    any_words: bool = False

    def encode(self, value: object, context: CallContext) -> Json:
        return str(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str):
            raise InvalidValue("should be a text", json_value)
        return json_value

    def residual_checks(self) -> tuple[str, ...]:
        return (f"matches {self.pattern}",) if self.pattern else ()


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    if annotation is not str:
        return None
    minimum, bounded = constraints.min_length or 0, constraints.max_length is not None
    maximum = max(MAX_TEXT_LENGTH, minimum) if constraints.max_length is None else constraints.max_length
    if minimum > maximum:
        raise UnsupportedType(f"no text has {minimum} to {maximum} characters", "widen min_length or max_length")
    return TextType(
        minimum, maximum, constraints.pattern or "", constraints.description, bounded, ANY_WORDS in constraints.markers
    )
