"""Text: any characters except control characters, with bounded length."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import AnyWords, Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType


@dataclass(frozen=True)
class TextType(ValueType):
    """A text of `minimum` to `maximum` code points; `pattern` is a regular expression.

    A decoder obeys patterns of a subset (plait.core.grammar.regular_expression); others are checked after decoding.
    The maximum binds answers; inputs may be longer unless the declaration sets it (`bounded`). `any_words` is
    `Annotated[str, AnyWords()]`: prose, which does not affect whether an answer is exact. `accepts_blank` is
    `Field(min_length=0)`: an input may be blank; answers always may.
    """

    markers = (AnyWords,)
    is_text = True
    is_scalar = True
    names_things = True
    streaming = "text"

    minimum: int = 0
    maximum: int = g.MAX_TEXT_LENGTH
    pattern: str = ""
    description: str = ""
    bounded: bool = False
    any_words: bool = False
    accepts_blank: bool = False

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is not str:
            return None
        minimum, bounded = constraints.min_length or 0, constraints.max_length is not None
        maximum = max(g.MAX_TEXT_LENGTH, minimum) if constraints.max_length is None else constraints.max_length
        if minimum > maximum:
            raise UnsupportedType(f"no text has {minimum} to {maximum} characters", "widen min_length or max_length")
        any_words = AnyWords() in constraints.markers
        return cls(
            minimum,
            maximum,
            constraints.pattern or "",
            constraints.description,
            bounded,
            any_words,
            constraints.min_length == 0,
        )

    def encode(self, value: object, context: CallContext) -> Json:
        return str(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if not isinstance(json_value, str):
            raise InvalidValue("should be a text", json_value)
        return json_value

    def grammar(self, context: CallContext) -> g.Grammar:
        if self.pattern_in_grammar:
            return g.RegularExpression(self.pattern, self.minimum, self.maximum)
        return g.Text(self.minimum, self.maximum)

    @cached_property
    def pattern_in_grammar(self) -> bool:
        """Whether the decoder enforces the pattern: it lies in the subset of plait.core.grammar.regular_expression."""
        if not self.pattern:
            return False
        from plait.core.grammar.expression_bounds import bounded_expression
        from plait.core.grammar.regular_expression import UnsupportedPattern  # most texts have no pattern

        try:
            bounded_expression(self.pattern, self.minimum, self.maximum)
            return True
        except UnsupportedPattern:
            return False

    def residual_checks(self) -> tuple[str, ...]:
        return (f"matches {self.pattern}",) if self.pattern and not self.pattern_in_grammar else ()

    def schema(self) -> dict[str, Json]:
        length: dict[str, Json] = {"type": "string", "minLength": self.minimum}
        if self.bounded:
            length["maxLength"] = self.maximum
        return {**length, "pattern": self.pattern} if self.pattern else length

    def describe(self) -> str:
        return "text"

    def score(self, prediction: object, reference: object) -> float:
        """Token F1 over words and single Chinese characters; case and order do not count (as in SQuAD)."""
        from plait.core.prompting.han import space_han  # a declaration needs no scores

        predicted, expected = (Counter(space_han(str(text)).lower().split()) for text in (prediction, reference))
        if not predicted or not expected:
            return float(predicted == expected)
        shared = (predicted & expected).total()
        return 2 * shared / (predicted.total() + expected.total())

    def placeholder(self) -> Json:
        if self.pattern_in_grammar:
            from plait.core.grammar.regular_expression import UnsupportedPattern  # a declaration needs neither
            from plait.core.grammar.shortest_text import shortest_text

            try:  # a blank text is refused as an input
                return shortest_text(self.pattern, max(self.minimum, 1), self.maximum)
            except UnsupportedPattern:
                return ""
        return "..."[: self.maximum].ljust(self.minimum, ".")

    def read_form(self, fields: FormFields, name: str) -> Json:
        # Browsers send line ends as CRLF (HTML standard, form submission).
        return fields.get_one(name).replace("\r\n", "\n")

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [str(json_value)]}
