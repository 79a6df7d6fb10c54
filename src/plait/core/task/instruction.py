"""The words of a task: text with `{names}` where the inputs stand.

A placeholder is exactly `{identifier}`; `{{name}}` is the literal `{name}`; every other brace is text, so JSON and code
in an instruction stay as they are.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

PLACE = re.compile(r"\{\{(\w+)\}\}|\{([^\W\d]\w*)\}")


@dataclass(frozen=True)
class Place:
    """Where an input stands in the words."""

    slot: str


@dataclass(frozen=True)
class Instruction:
    parts: tuple[str | Place, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(part.slot for part in self.parts if isinstance(part, Place))

    def filled(self, text_of: Callable[[str], str]) -> str:
        return "".join(text_of(part.slot) if isinstance(part, Place) else part for part in self.parts)

    def __str__(self) -> str:
        """As it was written: parsing it again gives the same instruction."""
        return "".join(f"{{{part.slot}}}" if isinstance(part, Place) else escaped(part) for part in self.parts)


def instruction(text: str) -> Instruction:
    parts: list[str | Place] = []
    end = 0
    for found in PLACE.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(f"{{{found[1]}}}" if found[1] else Place(found[2]))
        end = found.end()
    parts.append(text[end:])
    return Instruction(tuple(joined(parts)))


def joined(parts: list[str | Place]) -> list[str | Place]:
    """Neighbouring texts as one, empty ones gone."""
    out: list[str | Place] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return out


def escaped(text: str) -> str:
    return re.sub(r"\{([^\W\d]\w*)\}", r"{{\1}}", text)
