from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeGuard, get_args, get_origin

from plait.core.task.signature import UnsupportedType, annotation_text
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class Label(ValueType):
    """One of `labels`; `members` are the Python values they stand for, in the same order."""

    labels: tuple[str | int | bool, ...]
    members: tuple[object, ...]
    description: str = ""

    def encode(self, value: object, beside: CallContext) -> Json:
        """The label of the value; 1 and True are equal in Python, so one of the value's own type goes first."""
        equal = [each for each in zip(self.members, self.labels, strict=True) if each[0] == value]
        for _, label in sorted(equal, key=lambda each: type(each[0]) is not type(value)):
            return label
        raise InvalidValue(f"should be one of {', '.join(map(str, self.labels))}", repr(value))

    def decode(self, wire: Json, beside: CallContext) -> object:
        for label, member in zip(self.labels, self.members, strict=True):
            if label == wire and type(label) is type(wire):
                return member
        raise InvalidValue(f"should be one of {', '.join(map(str, self.labels))}", wire)


def reads(annotation: object, facts: Constraints, reader: object) -> ValueType | None:
    if get_origin(annotation) is Literal:
        return labelled(annotation, get_args(annotation), get_args(annotation), facts)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return labelled(annotation, tuple(member.value for member in annotation), tuple(annotation), facts)
    return None


def labelled(annotation: object, labels: tuple[object, ...], members: tuple[object, ...], facts: Constraints) -> Label:
    if not labels or not plain(labels):
        raise UnsupportedType(
            f"{annotation_text(annotation)} has a label that is no text or whole number",
            "write Literal[...] | None for a label or nothing" if None in labels else "use texts or whole numbers",
        )
    return Label(labels, members, facts.description)


def plain(labels: tuple[object, ...]) -> TypeGuard[tuple[str | int | bool, ...]]:
    return all(isinstance(label, str | int) for label in labels)
