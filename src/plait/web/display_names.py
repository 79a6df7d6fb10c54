"""Display names of the candidates of a reference: their own name, else number and first words."""

from collections.abc import Sequence

from plait.core.task.candidates import NAME_ATTRIBUTES
from plait.core.values.json_value import Json
from plait.core.values.quoting import shorten

MAX_NAME_CHARACTERS = 40  # characters of a passage in a chip


def display_names(candidates: Sequence[Json]) -> list[str]:
    """Like `plait.core.task.candidates.labels`, for values in JSON form; the names match those that a model writes."""
    for attribute in NAME_ATTRIBUTES:
        names = [name_of(thing, attribute) for thing in candidates]
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{number} · {first_words(thing)}" for number, thing in enumerate(candidates, 1)]


def name_of(candidate: Json, attribute: str) -> str:
    name = candidate.get(attribute) if isinstance(candidate, dict) else None
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""


def first_words(candidate: Json) -> str:
    text = " ".join(str(next(iter(candidate.values()), "") if isinstance(candidate, dict) else candidate).split())
    return shorten(text, MAX_NAME_CHARACTERS)
