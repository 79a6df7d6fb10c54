"""Quotations: `Quoted[T]`, a value that stands in a text of the call's inputs.

A model writes the spelling of the input, `"3rd of May 2026"`; where a spelling has several readings it writes the
reading too, `"03/05/26 = 2026-05-03"`. Python, JSON and examples carry the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from plait.core.grammar import ast as g
from plait.core.suggestions import did_you_mean
from plait.core.task.signature import TypeResolver, UnsupportedType, annotation_text
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import NO_CONSTRAINTS, AnyWords, Constraints, From, Quote
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.span import InputTexts, Span, is_below
from plait.core.values.value_type import ValueType

if TYPE_CHECKING:
    from plait.types.quotation.candidates import Candidates

LEAF_NAMES = {str: "text", int: "integer", float: "number", Decimal: "decimal", date: "date", time: "time"}
QUOTABLE = tuple(LEAF_NAMES)


@dataclass(frozen=True)
class QuotationType(ValueType):
    """A value of the type `inner` that stands in the inputs; `source` limits it to one of them.

    Without the inputs (`context.texts` is None) it is as its inner type.
    """

    name = "quotation"
    markers = (Quote, From, AnyWords)
    quotes_inputs = True

    inner: ValueType
    python_type: type
    source: str = ""
    constraints: Constraints = NO_CONSTRAINTS
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if not any(isinstance(each, Quote) for each in constraints.markers):
            return None
        name = annotation_text(annotation)
        if resolver.is_input:
            raise UnsupportedType(
                f"a parameter has the type Quoted[{name}], but only an answer can quote", f"write {name}"
            )
        if not isinstance(annotation, type) or annotation not in QUOTABLE:
            raise UnsupportedType(
                f"Quoted[{name}] is not supported", "quote str, int, float, Decimal, date or time, also inside records"
            )
        check_source(constraints.source, resolver.texts)
        others = tuple(each for each in constraints.markers if not isinstance(each, Quote | From))
        bounds = replace(constraints, markers=others)
        return cls(
            resolver.resolve(annotation, bounds), annotation, constraints.source, bounds, constraints.description
        )

    # ── the value and its JSON form ──

    def candidates(self, context: CallContext) -> "Candidates | None":
        """The values that may be quoted; None if the inputs are not known."""
        from plait.types.quotation.candidates import text_candidates, value_candidates  # patterns of dates take 50 ms

        if context.texts is None:
            return None
        known = self.candidates_by_texts.get(context.texts)
        if known is None:
            texts = context.texts.below(self.source)
            is_text = self.python_type is str
            known = text_candidates(texts) if is_text else value_candidates(texts, self.python_type, self.constraints)
            self.candidates_by_texts[context.texts] = known
        return known

    @cached_property
    def candidates_by_texts(self) -> "WeakKeyDictionary[InputTexts, Candidates]":
        return WeakKeyDictionary()

    def encode(self, value: object, context: CallContext) -> Json:
        json_value = self.inner.encode(value, context)
        candidates = self.candidates(context)
        if candidates is None:
            return json_value
        form = candidates.form_of(value)
        if form is None:
            raise InvalidValue(f"does not stand in the input{self.nearest_hint(value, candidates)}", json_value)
        return form if context.by_name else json_value

    def decode(self, json_value: Json, context: CallContext) -> object:
        """The value of its spelling, else of its JSON form if that stands in the input."""
        candidates = self.candidates(context)
        if candidates is None:
            return self.inner.decode(json_value, context)
        if context.by_name and isinstance(json_value, str) and (found := candidates.value_of(json_value)) is not None:
            return found
        try:
            value = self.inner.decode(json_value, context)
        except InvalidValue:
            if not context.by_name:
                raise
            raise InvalidValue(f"does not stand in the input as {self.article} {self.inner.name}", json_value) from None
        form = candidates.form_of(value)
        if form is None:
            raise InvalidValue(f"does not stand in the input{self.nearest_hint(value, candidates)}", json_value)
        return candidates.value_of(form)

    @property
    def article(self) -> str:
        return "an" if self.inner.name[0] in "aeiou" else "a"

    def nearest_hint(self, value: object, candidates: "Candidates") -> str:
        return f"; {did_you_mean(str(value), candidates.samples, '')}".rstrip("; ")

    def grammar(self, context: CallContext) -> g.Grammar:
        candidates = self.candidates(context)
        if candidates is None:
            return self.inner.grammar(context)
        return candidates.grammar if context.by_name else candidates.json_grammar(self.inner)

    def residual_checks(self) -> tuple[str, ...]:
        return self.inner.residual_checks()

    def schema(self) -> dict[str, Json]:
        return {**self.inner.schema(), "x-quoted": self.source or True}

    def occurrences(self, json_value: Json, context: CallContext) -> tuple[tuple[Span, ...], ...]:
        candidates = self.candidates(context)
        if candidates is None or json_value is None:
            return ()
        if context.by_name and isinstance(json_value, str) and (places := candidates.occurrences(json_value)):
            return places
        return candidates.occurrences(str(candidates.form_of(self.decode(json_value, context))))

    # ── as its inner type ──

    @property
    def leaf_name(self) -> str:
        return LEAF_NAMES[self.python_type]

    @property
    def is_scalar(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride] - that of the inner type
        return self.inner.is_scalar

    @property
    def is_atomic(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.inner.is_atomic

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return self.inner.render(value, context)

    def describe(self) -> str:
        return f"{self.inner.describe()} as in the text" if self.python_type is not str else "words of the text"

    def format_note(self, box_format: str) -> str:
        if self.python_type is str:
            return ""
        return "Copy numbers, dates and times as they are written in the text."

    def score(self, prediction: object, reference: object) -> float:
        return self.inner.score(prediction, reference)

    def field_scores(self, prediction: object, reference: object) -> Iterator[tuple[str, float]]:
        return self.inner.field_scores(prediction, reference)

    def read_form(self, fields: FormFields, name: str) -> Json:
        return self.inner.read_form(fields, name)

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return self.inner.to_fields(json_value, name)

    def display_name(self) -> str:
        return self.inner.display_name()

    def placeholder(self) -> Json:
        return self.inner.placeholder()

    def python_literal(self, json_value: Json) -> str:
        return self.inner.python_literal(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        return self.inner.python_classes(json_value)


def check_source(source: str, texts: tuple[str, ...]) -> None:
    """Raises UnsupportedType if there is no text to quote from."""
    if not texts:
        raise UnsupportedType("no parameter has text to quote from", "add a parameter such as text: str")
    names = [path.replace(".[]", "").removesuffix("[]").rstrip(".") for path in texts]
    if source and not any(is_below(name, source) for name in names):
        known = list(dict.fromkeys(names))
        raise UnsupportedType(
            f'From("{source}") is no text of the inputs', did_you_mean(source, known, f"there is {', '.join(known)}")
        )
