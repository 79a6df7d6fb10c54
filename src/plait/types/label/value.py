from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeGuard, get_args, get_origin

from plait.core.task.signature import UnsupportedType, annotation_text
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class EnumerationType(ValueType):
    """One of `labels`; `members` are the Python values they stand for, in the same order."""

    labels: tuple[str | int | bool, ...]
    members: tuple[object, ...]
    description: str = ""

    def encode(self, value: object, context: CallContext) -> Json:
        """The label of the value; 1 and True are equal in Python, so one of the value's own type goes first."""
        equal = [each for each in zip(self.members, self.labels, strict=True) if each[0] == value]
        for _, label in sorted(equal, key=lambda each: type(each[0]) is not type(value)):
            return label
        raise InvalidValue(f"should be one of {', '.join(map(str, self.labels))}", repr(value))

    def decode(self, json_value: Json, context: CallContext) -> object:
        for label, member in zip(self.labels, self.members, strict=True):
            if label == json_value and type(label) is type(json_value):
                return member
        raise InvalidValue(f"should be one of {', '.join(map(str, self.labels))}", json_value)


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    if get_origin(annotation) is Literal:
        return enumeration_type(annotation, get_args(annotation), get_args(annotation), constraints)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return enumeration_type(
            annotation, tuple(member.value for member in annotation), tuple(annotation), constraints
        )
    return None


def enumeration_type(
    annotation: object, labels: tuple[object, ...], members: tuple[object, ...], constraints: Constraints
) -> EnumerationType:
    if not labels or not are_plain_labels(labels):
        raise UnsupportedType(
            f"{annotation_text(annotation)} has a label that is no text or whole number",
            "write Literal[...] | None for a label or nothing" if None in labels else "use texts or whole numbers",
        )
    return EnumerationType(labels, members, constraints.description)


def are_plain_labels(labels: tuple[object, ...]) -> TypeGuard[tuple[str | int | bool, ...]]:
    return all(isinstance(label, str | int) for label in labels)
