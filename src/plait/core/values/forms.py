"""Form fields: a mapping from field names to the submitted texts.

Fields of a value have dotted names, `lines.0.what`. Blank means not given: a list drops the row, an optional value is
None, a default applies. A value that only looks blank (an empty text, an empty list) is marked by its own `x._given`,
or by `_kept` of the value around it, so that submitting an unchanged form keeps its values.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from plait.core.values.json_value import InvalidValue

Texts = dict[str, list[str]]


@dataclass(frozen=True)
class FormFields:
    """The fields of a submitted form."""

    data: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])

    def get_one(self, name: str) -> str:
        """The text of a field. Raises InvalidValue if the form lacks it."""
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
        """Whether the form has a field with the name or below it."""
        return bool(self.names_under(name))

    def is_blank(self, name: str) -> bool:
        """Whether all fields with the name or below it are blank."""
        return not any(text.strip() for key in self.names_under(name) for text in self.data[key])

    def kept_names(self, name: str) -> frozenset[str]:
        """Fields and row numbers inside the value that count as given although they are blank."""
        return frozenset(self.get_list(f"{name}._kept"))

    def row_names(self, name: str) -> list[str]:
        """Names of the rows of a list, ordered by number; gaps (deleted rows) are allowed."""
        steps = {key[len(name) + 1 :].partition(".")[0] for key in self.names_under(name)} | self.kept_names(name)
        return [f"{name}.{number}" for number in sorted(int(step) for step in steps if is_row_number(step))]

    def item_rows(self, name: str) -> list[str]:
        """Names of the rows that are items of a list, in order; fully blank rows are left out."""
        kept = self.kept_names(name)
        return [row for row in self.row_names(name) if row.rpartition(".")[2] in kept or not self.is_blank(row)]


def is_row_number(text: str) -> bool:
    """Whether the text is a row number: at most six digits, so that a form cannot force work on a giant number."""
    return text.isascii() and text.isdecimal() and len(text) <= 6
