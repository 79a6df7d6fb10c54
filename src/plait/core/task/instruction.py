"""The instruction of a task: text with `{name}` placeholders for inputs.

A placeholder is exactly `{identifier}`; `{{name}}` is the literal `{name}`; every other brace is text, so JSON and code
in an instruction stay unchanged.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# \w has no combining marks, which names of many scripts contain, and decomposed Latin ones.
PLACEHOLDER = re.compile(r"\{\{([^\s{}]+)\}\}|\{([^\s{}]+)\}")


@dataclass(frozen=True)
class Placeholder:
    """A placeholder of an input in the instruction."""

    parameter: str


@dataclass(frozen=True)
class Instruction:
    parts: tuple[str | Placeholder, ...]

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(part.parameter for part in self.parts if isinstance(part, Placeholder))

    def format(self, text_of: Callable[[str], str]) -> str:
        return "".join(text_of(part.parameter) if isinstance(part, Placeholder) else part for part in self.parts)

    def __str__(self) -> str:
        """The source text: parsing it again gives the same instruction."""
        return "".join(
            f"{{{part.parameter}}}" if isinstance(part, Placeholder) else escape(part) for part in self.parts
        )


def parse_instruction(text: str) -> Instruction:
    parts: list[str | Placeholder] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        name = python_name(match[1] or match[2])
        if name or re.fullmatch(r"\w+", match[1] or ""):
            parts.append(text[end : match.start()])
            parts.append(f"{{{match[1]}}}" if match[1] else Placeholder(name))
            end = match.end()
    parts.append(text[end:])
    return Instruction(tuple(merge_texts(parts)))


def python_name(text: str) -> str:
    """The text as Python reads an identifier, in Unicode's form NFKC; "" if it is none."""
    name = unicodedata.normalize("NFKC", text)
    return name if name.isidentifier() else ""


def merge_texts(parts: list[str | Placeholder]) -> list[str | Placeholder]:
    """The parts with adjacent texts merged and empty texts removed."""
    out: list[str | Placeholder] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return out


def escape(text: str) -> str:
    return re.sub(r"\{([^\s{}]+)\}", lambda match: f"{{{match[0]}}}" if python_name(match[1]) else match[0], text)
