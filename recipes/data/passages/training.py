"""Families of passages for training rows, composed from topics: a topic has names and facts with values.

Format of training_english.txt and training_chinese.txt:

    == topic
    names first parts / second parts, separated by commas        (a name is one of each)
    it what stands for the name from a passage's second sentence on
    - a sentence | a question | the sentence that answers it
    ~ the same | a question about it that names neither subject nor words of the sentence

{name} is the subject. {n=4-30} is a number and {w=here;there} a choice; the same value stands for {n} and {w} in the
question and the answers. At most one subject of a family has the fact of a line with "~".
"""

import re
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random

from passages.families import AnsweredQuestion, Family, UnansweredQuestion

HERE = Path(__file__).parent
FILES = {"en": HERE / "training_english.txt", "zh": HERE / "training_chinese.txt"}
VALUE = re.compile(r"\{(\w)=([^{}]+)\}")
SUBJECTS = 5


@dataclass(frozen=True)
class Fact:
    """A sentence with its question and answer; `reworded` is "" or a question in other words."""

    sentence: str
    question: str
    answer: str
    reworded: str = ""

    def filled(self, name: str, random: Random) -> "Fact":
        """The fact of one subject."""
        values = {each[1]: sample_value(each[2], random) for each in VALUE.finditer(self.sentence)}
        texts = (VALUE.sub(r"{\1}", self.sentence), self.question, self.answer, self.reworded)
        return Fact(*(text.format(name=name, **values) for text in texts))


@dataclass(frozen=True)
class Topic:
    name: str
    subjects: tuple[str, ...]
    pronoun: str
    facts: tuple[Fact, ...]

    def family(self, language: str, random: Random) -> Family:
        """Five subjects with two or three facts each; facts that are not told give unanswerable questions."""
        shared = [fact for fact in self.facts if not fact.reworded]
        special = random.sample([fact for fact in self.facts if fact.reworded], 2)
        family = Family(self.name, (), (), (), (), ())
        for place, name in enumerate(random.sample(self.subjects, SUBJECTS)):
            drawn = random.sample(shared, random.choice((3, 3, 4)))
            told = [fact.filled(name, random) for fact in [*drawn[1:], *special[place : place + 1]]]
            random.shuffle(told)
            passage = self.passage(name, told, language)
            family = with_subject(family, passage, told, drawn[0].filled(name, random))
        return replace(family, pairs=pairs(family, language, random))

    def passage(self, name: str, told: list[Fact], language: str) -> str:
        """The sentences, the name at the beginning of later ones replaced."""
        first, *rest = (fact.sentence for fact in told)
        if language == "zh":
            clauses = (first, *(text.removeprefix(name).removeprefix("的") for text in rest))
            return "，".join(clause.removesuffix("。") for clause in clauses) + "。"
        return " ".join((first, *(re.sub(rf"^(The |the )?{re.escape(name)}\b", self.pronoun, text) for text in rest)))


def with_subject(family: Family, passage: str, told: list[Fact], untold: Fact) -> Family:
    """The family with one more passage and its questions."""
    answered = tuple(AnsweredQuestion(fact.question, ((fact.answer, passage),)) for fact in told)
    reworded = tuple(AnsweredQuestion(fact.reworded, ((fact.answer, passage),)) for fact in told if fact.reworded)
    return replace(
        family,
        passages=(*family.passages, passage),
        answered=(*family.answered, *answered),
        reworded=(*family.reworded, *reworded),
        unanswered=(*family.unanswered, UnansweredQuestion(untold.question, passage)),
    )


def pairs(family: Family, language: str, random: Random) -> tuple[AnsweredQuestion, ...]:
    """Two questions that ask for facts of two passages in one sentence."""
    found: list[AnsweredQuestion] = []
    for _ in range(2):
        one, other = random.sample(family.passages, 2)
        first, second = (
            random.choice([each for each in family.answered if each.passages == [p]]) for p in (one, other)
        )
        asked = second.question[0].lower() + second.question[1:]
        text = first.question[:-1] + (f"，{second.question}" if language == "zh" else f", and {asked}")
        found.append(AnsweredQuestion(text, (*first.sentences, *second.sentences)))
    return tuple(found)


def sample_value(choices: str, random: Random) -> str:
    if numbers := re.fullmatch(r"(\d+)-(\d+)", choices):
        return str(random.randint(int(numbers[1]), int(numbers[2])))
    return random.choice(choices.split(";"))


def topics(language: str) -> list[Topic]:
    """Raises ValueError if a line does not match the format."""
    blocks = FILES[language].read_text("utf-8").removeprefix("== ").split("\n== ")
    return [topic(block.strip().splitlines(), language) for block in blocks]


def topic(lines: list[str], language: str) -> Topic:
    name, names, pronoun, *facts = lines
    first, second = names.removeprefix("names ").split("/")
    gap = "" if language == "zh" else " "
    subjects = [(one + gap + other.strip()).strip() for one, other in product(first.split(), second.split(","))]
    return Topic(name, tuple(subjects), pronoun.removeprefix("it").strip(), tuple(fact(line) for line in facts))


def fact(line: str) -> Fact:
    parts = line[2:].split(" | ")
    if line[:2] not in ("- ", "~ ") or len(parts) != (4 if line[0] == "~" else 3):
        raise ValueError(f"does not match the format in the docstring of passages/training.py: {line!r}")
    return Fact(*parts)


def training_families(language: str, random: Random) -> list[Family]:
    """One family of each topic, so that no subject occurs twice in different words."""
    return [each.family(language, random) for each in topics(language)]
