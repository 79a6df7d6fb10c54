"""A declaration as a sentence: the instruction with its inputs in place, and the answer type."""

import re
from dataclasses import dataclass

from plait.core.calls.transport import TaskSummary
from plait.core.task.declaration import Declaration
from plait.core.task.instruction import Instruction, Placeholder, parse_instruction
from plait.web.views import Language

TYPE_LABELS = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "yes | no",
    "None": "none",
    "Image": "image",
    "Box": "box",
}
LONG_HEADLINE = 140  # characters; a longer headline gets a smaller font


@dataclass(frozen=True)
class Headline:
    """The headline of a task page: `first` is the first paragraph of the instruction, `rest` the others."""

    name: str
    first: tuple[str | Placeholder, ...]
    rest: tuple[tuple[str | Placeholder, ...], ...]
    result: str

    @property
    def is_long(self) -> bool:
        return sum(len(part if isinstance(part, str) else part.parameter) for part in self.first) > LONG_HEADLINE


def headline(declaration: Declaration, language: Language) -> Headline:
    """The headline in the language; in that of the docstring if the task has no wording in the language."""
    instruction = declaration.wordings[wording(declaration, language)][0]
    return Headline(declaration.name, *paragraphs(instruction), declaration.answer.display_name())


def card_headline(summary: TaskSummary) -> Headline:
    return Headline(summary.name, *paragraphs(parse_instruction(summary.instruction)), annotation_label(summary.answer))


def annotation_label(annotation: str) -> str:
    """A label for the text of an annotation, close to `ValueType.display_name` of its type."""
    bare = re.sub(r"\blist\[([^][]+)\]", r"list of \1", annotation)
    return re.sub(r"\w+", lambda word: TYPE_LABELS.get(word[0], word[0]), bare)


def wording(declaration: Declaration, language: Language) -> str:
    """The name of the wording that a page in this language uses; "" is the docstring, used if there is no other."""
    return language if language in declaration.wordings else ""


def paragraphs(
    instruction_text: Instruction,
) -> tuple[tuple[str | Placeholder, ...], tuple[tuple[str | Placeholder, ...], ...]]:
    """Splits an instruction at blank lines into the first paragraph and the others."""
    groups: list[list[str | Placeholder]] = [[]]
    for part in instruction_text.parts:
        first, *others = re.split(r"\n\s*\n", part) if isinstance(part, str) else [part]
        groups[-1].append(first)
        groups += [[other] for other in others]
    first, *rest = [tuple(each) for each in groups if any(not isinstance(part, str) or part.strip() for part in each)]
    return first, tuple(rest)
