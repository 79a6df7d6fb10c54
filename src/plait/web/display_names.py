"""How a person calls the things an answer points at: by a name of their own, else by number and first words."""

from collections.abc import Sequence

from plait.core.task.candidates import NAMING
from plait.core.values.value_type import Json

SHOWN = 40  # characters of a passage that a chip shows


def called(things: Sequence[Json]) -> list[str]:
    """As `plait.core.task.candidates.labels` on values in wire form, so that what a model wrote is found again."""
    for attribute in NAMING:
        names = [name_of(thing, attribute) for thing in things]
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{number} · {first_words(thing)}" for number, thing in enumerate(things, 1)]


def name_of(thing: Json, attribute: str) -> str:
    said = thing.get(attribute) if isinstance(thing, dict) else None
    return str(said) if isinstance(said, str | int) and not isinstance(said, bool) else ""


def first_words(thing: Json) -> str:
    text = " ".join(str(next(iter(thing.values()), "") if isinstance(thing, dict) else thing).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…"
