"""A declaration as a sentence: the instruction with its inputs in place, and the answer type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plait.core.task.declaration import Declaration
from plait.core.task.instruction import Instruction
from plait.web.type_words import purpose, type_words
from plait.web.views import Language

LONG_HEADLINE = 140  # characters; a longer headline gets a smaller font


@dataclass(frozen=True)
class Slot:
    """An input in a sentence, under its label."""

    parameter: str
    label: str


@dataclass(frozen=True)
class Headline:
    """The headline of a task page: `first` is the first paragraph of the instruction, `rest` the others."""

    name: str
    first: tuple[str | Slot, ...]
    rest: tuple[tuple[str | Slot, ...], ...]
    result: str
    purpose: str = ""

    @property
    def is_long(self) -> bool:
        return sum(len(part if isinstance(part, str) else part.parameter) for part in self.first) > LONG_HEADLINE


def headline(declaration: Declaration, language: Language) -> Headline:
    """The headline in the language; in that of the docstring if the task has no wording in the language."""
    instruction = declaration.wordings[wording(declaration, language)][0]
    words = type_words(declaration, language)
    first, rest = paragraphs(instruction, words.labels)
    return Headline(declaration.name, first, rest, words.words(declaration.answer), purpose(declaration, language))


def wording(declaration: Declaration, language: Language) -> str:
    """The name of the wording that a page in this language uses; "" is the docstring, used if there is no other."""
    return language if language in declaration.wordings else ""


def slot(parameter: str, labels: Mapping[str, str]) -> Slot:
    return Slot(parameter, labels.get(parameter, parameter))


def paragraphs(
    instruction_text: Instruction, labels: Mapping[str, str]
) -> tuple[tuple[str | Slot, ...], tuple[tuple[str | Slot, ...], ...]]:
    """Splits an instruction at blank lines into the first paragraph and the others."""
    groups: list[list[str | Slot]] = [[]]
    for part in instruction_text.parts:
        first, *others = re.split(r"\n\s*\n", part) if isinstance(part, str) else [slot(part.parameter, labels)]
        groups[-1].append(first)
        groups += [[other] for other in others]
    first, *rest = [tuple(each) for each in groups if any(not isinstance(part, str) or part.strip() for part in each)]
    return first, tuple(rest)
