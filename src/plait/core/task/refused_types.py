"""Annotations that no value type supports: why, and what to write instead."""

from typing import Any, TypeVar

KNOWN_TYPES = (
    "known: str, bool, int, float, Decimal, date, time, datetime, timedelta, UUID, Literal, Enum, HttpUrl, EmailStr, "
    "IPv4Address, Image, Box, pydantic models, dataclasses, TypedDict, NamedTuple, list[...], tuple[...], set[...], "
    "dict[str, ...], X | None, unions, Ref[...], Quoted[...]. "
    "To add a type: plait new type NAME"
)
# Types by name, with the reason and what to write instead.
REASONS: dict[str, tuple[str, str]] = {
    "SecretStr": ("a model reads and writes values in the open, so none stays secret", "write str"),
    "SecretBytes": ("a model reads and writes values in the open, so none stays secret", "write str"),
    "bytes": ("a model writes text", "write str, or Image for a picture"),
    "bytearray": ("a model writes text", "write str, or Image for a picture"),
    "Any": ("it holds a model to nothing", "write the types that it can be: str | int"),
    "object": ("it holds a model to nothing", "write the types that it can be: str | int"),
    "complex": ("it has no JSON form", "write two floats in a pydantic model"),
    "NoneType": ("it has one value", "write the type of the answer, or X | None"),
    "AnyStr": ("it is a type variable", "write str"),
}


def refusal(annotation: object, text: str) -> tuple[str, str]:
    """The message and the hint for an annotation without a value type; `text` is its source."""
    if isinstance(annotation, TypeVar):
        return f"{text} is a type variable", "write the type in brackets: Page[Item] instead of Page"
    reason, instead = REASONS.get(_name(annotation), ("", ""))
    message = f"no value type supports {text}"
    return (f"{message}: {reason}", f"{instead}; {KNOWN_TYPES}") if reason else (message, KNOWN_TYPES)


def _name(annotation: Any) -> str:
    return getattr(annotation, "__name__", str(annotation))
