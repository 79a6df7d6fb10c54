"""Rows of `cited_answer`: question, supporting passages among distractors, answer with citations."""

from dataclasses import dataclass
from itertools import combinations
from random import Random

from passages.families import AnsweredQuestion, Family

UNANSWERABLE_TEXT = {"en": "The passages do not say.", "zh": "所给的段落没有说明。"}
# Share of each kind in a split; 80 % of the rows are answerable.
KINDS = {"one passage": 0.55, "reworded": 0.07, "two passages": 0.18, "passage missing": 0.1, "fact missing": 0.1}


@dataclass(frozen=True)
class Row:
    question: str
    passages: tuple[str, ...]
    answer: tuple[tuple[str, int | None], ...]  # sentence, index of the supporting passage
    language: str
    kind: str

    def to_json(self, held_out: bool) -> dict:
        sentences = [{"text": text, "source": source} for text, source in self.answer]
        row = {"question": self.question, "passages": list(self.passages), "answer": sentences}
        return row | {"language": self.language, "kind": self.kind} if held_out else row


class RowGenerator:
    """Generates the rows of one split and language; no question occurs twice in one kind."""

    def __init__(self, language: str, families: list[Family], random: Random) -> None:
        self.language, self.families, self.random = language, families, random

    def rows(self, count: int) -> list[Row]:
        wanted = {kind: round(count * share) for kind, share in KINDS.items()}
        written = [row for kind, kind_count in wanted.items() for row in self.rows_of_kind(kind, kind_count)]
        self.random.shuffle(written)
        return written

    def rows_of_kind(self, kind: str, count: int) -> list[Row]:
        """Round-robin over the families, so that all topics are equally frequent."""
        rows_by_family = [self._candidates(kind, family) for family in self.families]
        for rows in rows_by_family:
            self.random.shuffle(rows)
        order = [
            row
            for index in range(max(map(len, rows_by_family)))
            for rows in rows_by_family
            for row in rows[index : index + 1]
        ]
        assert len(order) >= count, f"{self.language}: {len(order)} rows of {kind}, {count} wanted"
        return order[:count]

    def _candidates(self, kind: str, family: Family) -> list[Row]:
        match kind:
            case "one passage":
                return [self.answered_row(question, family, kind) for question in family.answered]
            case "reworded":
                return [self.answered_row(question, family, kind) for question in family.reworded]
            case "two passages":
                return [
                    self.answered_row(question, family, kind)
                    for question in (*family.pairs, *self._joined_question(family))
                ]
            case "passage missing":
                return [
                    self.unanswered_row(question.question, question.passages, (), family, kind)
                    for question in family.answered
                ]
            case _:
                return [
                    self.unanswered_row(question.question, (), (question.passage,), family, kind)
                    for question in family.unanswered
                ]

    def _joined_question(self, family: Family) -> list[AnsweredQuestion]:
        """One combined question about two passages of the family."""
        questions = self.random.choice(
            [pair for pair in combinations(family.answered, 2) if pair[0].passages != pair[1].passages]
        )
        return [
            AnsweredQuestion(
                join_questions(questions[0].question, questions[1].question, self.language), all_sentences(questions)
            )
        ]

    def answered_row(self, question: AnsweredQuestion, family: Family, kind: str) -> Row:
        passages = self._with_distractors(question.passages, family)
        answer = tuple((text, passages.index(passage)) for text, passage in question.sentences)
        return Row(question.question, passages, answer, self.language, kind)

    def unanswered_row(
        self, question: str, excluded: list[str] | tuple, required: tuple, family: Family, kind: str
    ) -> Row:
        passages = self._with_distractors(required, family, excluded)
        return Row(question, passages, ((UNANSWERABLE_TEXT[self.language], None),), self.language, kind)

    def _with_distractors(
        self, required: list[str] | tuple, family: Family, excluded: list[str] | tuple = ()
    ) -> tuple[str, ...]:
        """Three to six passages in random order: the required ones, others of the family, sometimes other topics."""
        size = self.random.choice((3, 3, 4, 4, 5, 6))
        family_passages = [passage for passage in family.passages if passage not in (*required, *excluded)]
        others = [passage for other in self.families if other is not family for passage in other.passages]
        self.random.shuffle(family_passages)
        other_topic = self.random.random() < 0.3
        same_topic = family_passages[: size - len(required) - other_topic]
        chosen = [*required, *same_topic, *self.random.sample(others, size - len(required) - len(same_topic))]
        self.random.shuffle(chosen)
        return tuple(chosen)


def join_questions(first: str, second: str, language: str) -> str:
    if language == "zh":
        return f"{first}另外，{second}"
    return f"{first} And {second[0].lower()}{second[1:]}"


def all_sentences(questions: tuple[AnsweredQuestion, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sentence for question in questions for sentence in question.sentences)
