"""The fields of a form: names to the texts given for them.

A value's fields are named with dots, `lines.0.what`. What a person left blank was not given: a list drops the row, an
optional value is None, a default holds. A value that only looks blank (an empty text, a list with nothing in it) is
marked by its own `x._given`, or by `_kept` of what it stands in, so that an untouched form says what it said before.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from plait.core.values.json_value import InvalidValue

Texts = dict[str, list[str]]


@dataclass(frozen=True)
class FormFields:
    """A form as sent."""

    data: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])

    def get_one(self, name: str) -> str:
        """The text of a field; raises InvalidValue where the form has none."""
        texts = self.data.get(name)
        if not texts:
            raise InvalidValue("is missing", None)
        return texts[-1]

    def get_list(self, name: str) -> Sequence[str]:
        return self.data.get(name, ())

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(self.data)

    def names_under(self, name: str) -> list[str]:
        """Names of the fields of a value: its own, and all that start with it and a dot."""
        start, end = (bisect_left(self._sorted_names, name + after) for after in "./")
        return ([name] if name in self.data else []) + self._sorted_names[start:end]

    def has(self, name: str) -> bool:
        """Whether anything was sent for the name or below it."""
        return bool(self.names_under(name))

    def is_blank(self, name: str) -> bool:
        """Whether nothing but spaces was sent for the name or below it."""
        return not any(text.strip() for key in self.names_under(name) for text in self.data[key])

    def kept_names(self, name: str) -> frozenset[str]:
        """What inside the value is meant although it is blank: names of fields, numbers of rows."""
        return frozenset(self.get_list(f"{name}._kept"))

    def row_names(self, name: str) -> list[str]:
        """Names of the items of a list, in the order of their numbers; gaps (deleted rows) are fine."""
        steps = {key[len(name) + 1 :].partition(".")[0] for key in self.names_under(name)} | self.kept_names(name)
        return [f"{name}.{number}" for number in sorted(int(step) for step in steps if is_row_number(step))]

    def item_rows(self, name: str) -> list[str]:
        """Names of the rows that are items of a list, in their order; a row left wholly blank is not one."""
        kept = self.kept_names(name)
        return [row for row in self.row_names(name) if row.rpartition(".")[2] in kept or not self.is_blank(row)]


def is_row_number(text: str) -> bool:
    """Whether the step numbers a row: at most six digits, so that no form asks for work on a giant number."""
    return text.isascii() and text.isdecimal() and len(text) <= 6
