"""A declaration as a sentence: its words with the inputs where they stand, and what comes back."""

import re
from dataclasses import dataclass

from plait.core.calls.transport import TaskCard
from plait.core.task.declaration import Declaration
from plait.core.task.instruction import Instruction, Place, instruction
from plait.core.values.value_type import Kind
from plait.web.views import Language

PLAIN = {"str": "text", "int": "number", "float": "number", "bool": "yes | no", "None": "none"}
LONG = 140  # characters, above which a headline is set smaller


@dataclass(frozen=True)
class Headline:
    """`first` is the sentence that heads the page, `rest` what the writer explained below it."""

    name: str
    first: tuple[str | Place, ...]
    rest: tuple[tuple[str | Place, ...], ...]
    result: str

    @property
    def long(self) -> bool:
        return sum(len(part if isinstance(part, str) else part.slot) for part in self.first) > LONG


def headline(declaration: Declaration, language: Language) -> Headline:
    """The declaration in the language, where it is worded in it."""
    words = declaration.wordings[wording(declaration, language)][0]
    return Headline(declaration.name, *paragraphs(words), spelled(declaration.answer))


def of_card(card: TaskCard) -> Headline:
    return Headline(card.name, *paragraphs(instruction(card.instruction)), in_words(card.answer))


def in_words(annotation: str) -> str:
    """An annotation as `spelled` names its kind, as far as its text tells."""
    bare = re.sub(r"\blist\[([^][]+)\]", r"list of \1", annotation)
    return re.sub(r"\w+", lambda word: PLAIN.get(word[0], word[0]), bare)


def wording(declaration: Declaration, language: Language) -> str:
    """Which of the task's wordings a page in that language shows and runs with; its docstring where it has none."""
    return language if language in declaration.wordings else ""


def paragraphs(words: Instruction) -> tuple[tuple[str | Place, ...], tuple[tuple[str | Place, ...], ...]]:
    """The first paragraph and the others: blank lines part them."""
    found: list[list[str | Place]] = [[]]
    for part in words.parts:
        first, *others = re.split(r"\n\s*\n", part) if isinstance(part, str) else [part]
        found[-1].append(first)
        found += [[other] for other in others]
    first, *rest = [tuple(each) for each in found if any(not isinstance(part, str) or part.strip() for part in each)]
    return first, tuple(rest)


def spelled(kind: Kind) -> str:
    """A kind as a person names it: the writer's own class where there is one."""
    inner = [spelled(each) for _, each in kind.children]
    match kind.name:
        case "record":
            return str(getattr(kind, "model").__name__)  # noqa: B009 - pages know no modality's classes
        case "list":
            return f"list of {inner[0]}"
        case "optional":
            return f"{inner[0]} | none"
        case "union":
            return " | ".join(tag for tag, _ in kind.children)
        case "moment":
            return str(getattr(kind, "form"))  # noqa: B009
        case "boolean":
            return "yes | no"
        case "label":
            labels = [str(label) for label in getattr(kind, "labels")]  # noqa: B009
            return " | ".join(labels) if len(labels) <= 4 and sum(map(len, labels)) <= 40 else "label"
        case name:
            return name
