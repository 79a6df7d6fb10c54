"""Enumerations: `Literal` and `Enum`."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeGuard, get_args, get_origin

from plait.core.grammar import ast as g
from plait.core.task.signature import TypeResolver, UnsupportedType, annotation_text
from plait.core.values.call_context import NO_CONTEXT, CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

MAX_DISPLAYED_LABELS, MAX_DISPLAYED_CHARACTERS = 4, 40  # enumerations beyond either are not listed on pages


@dataclass(frozen=True)
class EnumerationType(ValueType):
    """One of `labels`; `members` are the corresponding Python values, in the same order."""

    name = "label"
    is_scalar = True
    names_things = True

    labels: tuple[str | int | bool | None, ...]
    members: tuple[object, ...]
    description: str = ""

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if get_origin(annotation) is Literal:
            members = get_args(annotation)
            if None in members and len(members) > 1:
                return None  # an optional value
            labels = tuple(member.value if isinstance(member, Enum) else member for member in members)
        elif isinstance(annotation, type) and issubclass(annotation, Enum):
            labels, members = tuple(member.value for member in annotation), tuple(annotation)
        else:
            return None
        if not labels or not are_plain_labels(labels):
            raise UnsupportedType(
                f"{annotation_text(annotation)} has a label that is not a text or a whole number",
                "use texts or whole numbers",
            )
        return cls(labels, members, constraints.description)

    def encode(self, value: object, context: CallContext) -> Json:
        """The label of the value. 1 and True are equal in Python, so a member of the value's type takes precedence."""
        equal = [each for each in zip(self.members, self.labels, strict=True) if each[0] == value]
        for _, label in sorted(equal, key=lambda each: type(each[0]) is not type(value)):
            return label
        raise InvalidValue(self.message, repr(value))

    def decode(self, json_value: Json, context: CallContext) -> object:
        for label, member in zip(self.labels, self.members, strict=True):
            if is_same_label(label, json_value):
                return member
        raise InvalidValue(self.message, json_value)

    @property
    def message(self) -> str:
        return f"should be one of {', '.join(map(str, self.labels))}"

    def grammar(self, context: CallContext) -> g.Grammar:
        return g.Choice(tuple(map(g.Literal, self.labels)))

    def schema(self) -> dict[str, Json]:
        return {"enum": list(self.labels)}

    def render(self, value: object, context: CallContext = NO_CONTEXT) -> str:
        return str(self.encode(value, context))

    def describe(self) -> str:
        return "|".join(map(dumps, self.labels))

    def read_form(self, fields: FormFields, name: str) -> Json:
        """The label of the text; without an exact match, the one that differs only in case."""
        text = fields.get_one(name).replace("\r\n", "\n")
        by_text = dict(zip(self.label_texts(), self.labels, strict=True))
        by_lower = {text.lower(): label for text, label in reversed(by_text.items())}
        for labels, wanted in ((by_text, text), (by_lower, text.lower())):
            if wanted in labels:
                return labels[wanted]
        raise InvalidValue(self.message, text)

    def to_fields(self, json_value: Json, name: str) -> Texts:
        both = zip(self.label_texts(), self.labels, strict=True)
        return {name: [text for text, label in both if is_same_label(label, json_value)]}

    def label_texts(self) -> list[str]:
        """The form text of each label: the label, or its JSON if two look the same ("1" and 1) or one is blank."""
        texts = [str(label) for label in self.labels]
        return [
            text if texts.count(text) == 1 and text.strip() else dumps(label)
            for text, label in zip(texts, self.labels, strict=True)
        ]

    def display_name(self) -> str:
        labels = [str(label) for label in self.labels]
        few = len(labels) <= MAX_DISPLAYED_LABELS and sum(map(len, labels)) <= MAX_DISPLAYED_CHARACTERS
        return " | ".join(labels) if few else self.name

    def placeholder(self) -> Json:
        return self.labels[0]


def are_plain_labels(labels: tuple[object, ...]) -> TypeGuard[tuple[str | int | bool | None, ...]]:
    return all(isinstance(label, str | int) for label in labels) or labels == (None,)


def is_same_label(label: object, json_value: Json) -> bool:
    return label == json_value and type(label) is type(json_value)
