"""The fields of a form: names to the texts given for them.

A value's fields are named with dots, `lines.0.what`. What a person left blank was not given: a list drops the row, an
optional value is None, a default holds. A value that only looks blank (an empty text, a list with nothing in it) is
marked by its own `x._given`, or by `_kept` of what it stands in, so that an untouched form says what it said before.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import find_spec
from typing import Any

from plait.core.values.json_text import dumps, parsed
from plait.core.values.value_type import Json, Kind, WireError, part

Texts = dict[str, list[str]]


@dataclass(frozen=True)
class Fields:
    """A form as sent."""

    sent: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])

    def one(self, name: str) -> str:
        """The text of a field; raises WireError where the form has none."""
        given = self.sent.get(name)
        if not given:
            raise WireError("is missing", None)
        return given[-1]

    def many(self, name: str) -> Sequence[str]:
        return self.sent.get(name, ())

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.sent)

    def below(self, name: str) -> list[str]:
        """Names of the fields of a value: its own, and all that start with it and a dot."""
        start, end = (bisect_left(self._sorted, name + after) for after in "./")
        return ([name] if name in self.sent else []) + self._sorted[start:end]

    def has(self, name: str) -> bool:
        """Whether anything was sent for the name or below it."""
        return bool(self.below(name))

    def blank(self, name: str) -> bool:
        """Whether nothing but spaces was sent for the name or below it."""
        return not any(text.strip() for key in self.below(name) for text in self.sent[key])

    def kept(self, name: str) -> frozenset[str]:
        """What inside the value is meant although it is blank: names of fields, numbers of rows."""
        return frozenset(self.many(f"{name}._kept"))

    def rows(self, name: str) -> list[str]:
        """Names of the items of a list, in the order of their numbers; gaps (deleted rows) are fine."""
        steps = {key[len(name) + 1 :].partition(".")[0] for key in self.below(name)} | self.kept(name)
        return [f"{name}.{number}" for number in sorted(int(step) for step in steps if plain(step))]


def plain(step: str) -> bool:
    """Whether the step numbers a row: at most six digits, so that no form asks for work on a giant number."""
    return step.isascii() and step.isdecimal() and len(step) <= 6


def read(kind: Kind, fields: Fields, name: str) -> Json:
    """The wire form of what a form says for one value. Raises WireError."""
    return control(kind.modality, "read", json_read)(kind, fields, name)


def filled(kind: Kind, wire: Json, name: str) -> Texts:
    """The fields of a form that say the wire form: reading them gives it back."""
    return control(kind.modality, "filled", json_filled)(kind, wire, name)


@cache
def control(modality: str, function: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the modality's control.py; a modality without that file is given and read as JSON text."""
    return part(modality, f"control.{function}") if find_spec(f"{modality}.control") else otherwise


def json_read(kind: Kind, fields: Fields, name: str) -> Json:
    said = fields.one(name)
    try:
        return parsed(said)
    except ValueError as fault:
        raise WireError(f"is not JSON: {fault}", said) from None


def json_filled(kind: Kind, wire: Json, name: str) -> Texts:
    return {name: [dumps(wire)]}
