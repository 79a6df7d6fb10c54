"""Labels of the objects that a `Ref` may point at: names if every object has a unique one, otherwise numbers.

The choice decides accuracy: a small model copies a name from the prompt far better than it counts.
"""

from collections.abc import Sequence
from typing import Any

NAME_ATTRIBUTES = ("name", "title", "id")


def labels(candidates: Sequence[object]) -> tuple[str | int, ...]:
    """One label per candidate: the first of `name`, `title`, `id` with unique values, otherwise numbers."""
    for attribute in NAME_ATTRIBUTES:
        names = [name_of(candidate, attribute) for candidate in candidates]
        if all(names) and len(set(names)) == len(names):
            return tuple(names)
    return tuple(range(len(candidates)))


def name_of(candidate: object, attribute: str) -> str:
    """The value of the candidate's attribute if it is a text or a whole number (`str.title` is a method)."""
    value: Any = getattr(candidate, attribute, None)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
