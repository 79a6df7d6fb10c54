"""Families of passages: five on one topic, about different things, so that each is a good distractor for the others.

english.txt and chinese.txt are written by hand, in this form:

    == topic
    a passage
    ? a question | the sentence that answers it
    ! a question about the same thing that the passage leaves open
    ~ 3 a question about passage 3 in words that it does not use | the sentence that answers it
    & a question that needs two passages | 1.2 3.1       (the answers to question 2 of passage 1, 1 of passage 3)
"""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILES = {"en": HERE / "english.txt", "zh": HERE / "chinese.txt"}


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question, and each sentence that answers it with the passage that says so."""

    question: str
    sentences: tuple[tuple[str, str], ...]

    @property
    def passages(self) -> list[str]:
        return [passage for _, passage in self.sentences]


@dataclass(frozen=True)
class Open:
    """A question that the passage about its subject does not answer."""

    question: str
    passage: str


@dataclass(frozen=True)
class Family:
    topic: str
    passages: tuple[str, ...]
    answered: tuple[AnsweredQuestion, ...]
    reworded: tuple[AnsweredQuestion, ...]
    pairs: tuple[AnsweredQuestion, ...]
    left_open: tuple[Open, ...]


def families(language: str) -> list[Family]:
    blocks = FILES[language].read_text("utf-8").split("== ")
    return [family(block.strip().splitlines()) for block in blocks if block.strip()]


def family(lines: list[str]) -> Family:
    """Raises ValueError where a line does not have its form."""
    topic, *rest = lines
    passages: list[str] = []
    of_passage: list[list[AnsweredQuestion]] = []
    reworded: list[AnsweredQuestion] = []
    pairs: list[AnsweredQuestion] = []
    left_open: list[Open] = []
    for line in rest:
        match line[:2]:
            case "? ":
                question, answer = line[2:].split(" | ")
                of_passage[-1].append(AnsweredQuestion(question, ((answer, passages[-1]),)))
            case "! ":
                left_open.append(Open(line[2:], passages[-1]))
            case "~ ":
                question, answer = line[4:].split(" | ")
                reworded.append(AnsweredQuestion(question, ((answer, passages[int(line[2]) - 1]),)))
            case "& ":
                question, numbers = line[2:].split(" | ")
                pairs.append(AnsweredQuestion(question, tuple(_sentence(of_passage, at) for at in numbers.split())))
            case _:
                passages.append(line)
                of_passage.append([])
    answered = tuple(each for several in of_passage for each in several)
    return Family(topic, tuple(passages), answered, tuple(reworded), tuple(pairs), tuple(left_open))


def _sentence(of_passage: list[list[AnsweredQuestion]], at: str) -> tuple[str, str]:
    passage, question = map(int, at.split("."))
    [sentence] = of_passage[passage - 1][question - 1].sentences
    return sentence
