"""Where the values of a JSON text stand in it, so that what is known of its characters is known of its values."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder
from typing import TypeAlias, cast

Range: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class JsonPlace:
    """A value of a JSON text: its dotted path, and where it stands, quotation marks included.

    `choices` are the places where it was decided that there is such a value: the keys above it, and the commas or
    brackets before the items of lists.
    """

    path: str
    start: int
    end: int
    choices: tuple[Range, ...] = ()


def json_places(text: str) -> Iterator[JsonPlace]:
    """All values of a JSON text, containers before what they contain. Raises ValueError where it is not JSON."""
    places, end = read_value(text, skip_space(text, 0), "", ())
    if skip_space(text, end) != len(text):
        raise ValueError(f"more text behind the value at {end}")
    yield from places


def read_value(text: str, start: int, path: str, choices: tuple[Range, ...]) -> tuple[list[JsonPlace], int]:
    """The places of the value that begins here, and its end."""
    if text[start : start + 1] in ("{", "["):
        inside, end = read_items(text, start, path, choices)
    else:
        inside, end = list[JsonPlace](), JSONDecoder().raw_decode(text, start)[1]
    return [JsonPlace(path, start, end, choices), *inside], end


def read_items(text: str, start: int, path: str, choices: tuple[Range, ...]) -> tuple[list[JsonPlace], int]:
    """The places inside an object or a list."""
    is_object, closing = text[start] == "{", "}" if text[start] == "{" else "]"
    places: list[JsonPlace] = []
    position, number = skip_space(text, start + 1), 0
    chosen_from = start  # the bracket or comma before the item
    while text[position : position + 1] != closing:
        step, position = read_key(text, position) if is_object else (str(number), position)
        inside, end = read_value(
            text, position, f"{path}.{step}" if path else step, (*choices, (chosen_from, position))
        )
        places += inside
        position, number, chosen_from = skip_space(text, end), number + 1, skip_space(text, end)
        if text[position : position + 1] == ",":
            position = skip_space(text, position + 1)
        elif text[position : position + 1] != closing:
            raise ValueError(f"neither , nor {closing} at {position}")
    return places, position + 1


def read_key(text: str, start: int) -> tuple[str, int]:
    """A key, and the place where its value begins."""
    if text[start : start + 1] != '"':
        raise ValueError(f"no key at {start}")
    key, end = cast("tuple[str, int]", JSONDecoder().raw_decode(text, start))
    colon = skip_space(text, end)
    if text[colon : colon + 1] != ":":
        raise ValueError(f"no value for the key at {start}")
    return key, skip_space(text, colon + 1)


def skip_space(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t", "\n", "\r") and position < len(text):
        position += 1
    return position
