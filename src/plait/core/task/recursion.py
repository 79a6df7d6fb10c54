"""Types that contain themselves: a comment with replies, a tree. JSON may be as deep as it likes, answers may not."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from plait.core.grammar import ast as g
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType, iter_types

if TYPE_CHECKING:
    from plait.core.task.signature import TypeResolver

MAX_LEVELS = 6  # of records inside records of the same class, in an answer
MAX_COPIES = 30  # of the record in the grammar


@dataclass(frozen=True)
class RecursionType(ValueType):
    """A record inside a record of the same class, or an alias inside itself. `target` is its type, one level in."""

    is_inline = False
    written_as_json = True

    definition: Any
    resolver: "TypeResolver"
    description: str = ""

    @classmethod
    def from_annotation(
        cls, annotation: object, constraints: Constraints, resolver: "TypeResolver"
    ) -> ValueType | None:
        if annotation not in resolver.enclosing:
            return None
        return cls(annotation, resolver.outermost, constraints.description)

    @property
    def target(self) -> ValueType:
        return resolved_type(self.definition, self.resolver)

    @property
    def levels(self) -> int:
        """How often the record may stand inside itself: fewer times where each holds several more."""
        branches = sum(isinstance(each, RecursionType) for _, each in iter_types(self.target))
        return max(1, *(level for level in range(1, MAX_LEVELS + 1) if branches**level <= MAX_COPIES), 0)

    @property
    def is_endless(self) -> bool:
        return True

    def iter_values(self, value: object) -> Iterator[tuple[ValueType, object]]:
        yield self.target, value

    def iter_json(self, json_value: Json) -> Iterator[tuple[str, ValueType, Json]]:
        yield "", self.target, json_value

    def encode(self, value: object, context: CallContext) -> Json:
        return self.target.encode(value, context)

    def decode(self, json_value: Json, context: CallContext) -> object:
        return self.target.decode(json_value, context)

    def grammar(self, context: CallContext) -> g.Grammar:
        """That of the record; at the last level a reference to nothing, which is pruned with what cannot be without."""
        if context.depth >= self.levels:
            return g.Reference(())
        return self.target.grammar(context.one_level_deeper)

    def answer_limits(self) -> tuple[str, ...]:
        return (f"has at most {self.levels} levels of {self.definition.__name__} inside one another",)

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "title": self.definition.__name__}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return self.target.render(value, context)

    def describe(self) -> str:
        return "{the same fields}"

    def score(self, prediction: object, reference: object) -> float:
        return self.target.score(prediction, reference)

    def display_name(self) -> str:
        return self.definition.__name__

    def placeholder(self) -> Json:
        return {}

    def python_literal(self, json_value: Json) -> str:
        return self.target.python_literal(json_value)

    def python_classes(self, json_value: Json) -> Iterator[tuple[str, str]]:
        yield from self.target.python_classes(json_value)


@cache
def resolved_type(definition: Any, resolver: "TypeResolver") -> ValueType:
    return resolver.resolve(definition)
