"""Families of passages: five about different subjects of one topic, so that each is a good distractor for the others.

Format of the handwritten english.txt and chinese.txt:

    == topic
    a passage
    ? a question | the sentence that answers it
    ! a question about the same subject that the passage does not answer
    ~ 3 a question about passage 3 in words that it does not use | the sentence that answers it
    & a question that needs two passages | 1.2 3.1       (the answers to question 2 of passage 1, 1 of passage 3)
"""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILES = {"en": HERE / "english.txt", "zh": HERE / "chinese.txt"}


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question with its answer: pairs of sentence and supporting passage."""

    question: str
    sentences: tuple[tuple[str, str], ...]

    @property
    def passages(self) -> list[str]:
        return [passage for _, passage in self.sentences]


@dataclass(frozen=True)
class UnansweredQuestion:
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
    unanswered: tuple[UnansweredQuestion, ...]


def families(language: str) -> list[Family]:
    blocks = FILES[language].read_text("utf-8").split("== ")
    return [family(block.strip().splitlines()) for block in blocks if block.strip()]


def family(lines: list[str]) -> Family:
    """Raises ValueError if a line does not match the format."""
    topic, *rest = lines
    passages: list[str] = []
    questions_by_passage: list[list[AnsweredQuestion]] = []
    reworded: list[AnsweredQuestion] = []
    pairs: list[AnsweredQuestion] = []
    unanswered: list[UnansweredQuestion] = []
    for line in rest:
        match line[:2]:
            case "? ":
                question, answer = line[2:].split(" | ")
                questions_by_passage[-1].append(AnsweredQuestion(question, ((answer, passages[-1]),)))
            case "! ":
                unanswered.append(UnansweredQuestion(line[2:], passages[-1]))
            case "~ ":
                question, answer = line[4:].split(" | ")
                reworded.append(AnsweredQuestion(question, ((answer, passages[int(line[2]) - 1]),)))
            case "& ":
                question, numbers = line[2:].split(" | ")
                pairs.append(
                    AnsweredQuestion(
                        question, tuple(_answer_sentence(questions_by_passage, at) for at in numbers.split())
                    )
                )
            case _:
                passages.append(line)
                questions_by_passage.append([])
    answered = tuple(each for questions in questions_by_passage for each in questions)
    return Family(topic, tuple(passages), answered, tuple(reworded), tuple(pairs), tuple(unanswered))


def _answer_sentence(questions_by_passage: list[list[AnsweredQuestion]], at: str) -> tuple[str, str]:
    passage, question = map(int, at.split("."))
    [sentence] = questions_by_passage[passage - 1][question - 1].sentences
    return sentence
