"""Rows: a question, the passages that answer it among others of the same topic, and the answer that cites them."""

from dataclasses import dataclass
from itertools import combinations
from random import Random

from passages.families import AnsweredQuestion, Family

UNANSWERABLE = {"en": "The passages do not say.", "zh": "所给的段落没有说明。"}
# How much of a split each kind is: eight of ten rows are answerable.
KINDS = {"one passage": 0.55, "reworded": 0.07, "two passages": 0.18, "passage missing": 0.1, "fact missing": 0.1}


@dataclass(frozen=True)
class Row:
    question: str
    passages: tuple[str, ...]
    answer: tuple[tuple[str, int | None], ...]  # sentence, index of its passage
    language: str
    kind: str

    def to_json(self, held_out: bool) -> dict:
        sentences = [{"text": text, "source": source} for text, source in self.answer]
        row = {"question": self.question, "passages": list(self.passages), "answer": sentences}
        return row | {"language": self.language, "kind": self.kind} if held_out else row


class Writer:
    """Writes rows from the families of one split in one language; no question comes twice in one kind."""

    def __init__(self, language: str, families: list[Family], random: Random) -> None:
        self.language, self.families, self.random = language, families, random

    def rows(self, count: int) -> list[Row]:
        wanted = {kind: round(count * share) for kind, share in KINDS.items()}
        written = [row for kind, many in wanted.items() for row in self.of_kind(kind, many)]
        self.random.shuffle(written)
        return written

    def of_kind(self, kind: str, count: int) -> list[Row]:
        """The families take turns, so that a topic is asked about as often as any other."""
        turns = [self._all(kind, family) for family in self.families]
        for rows in turns:
            self.random.shuffle(rows)
        order = [row for index in range(max(map(len, turns))) for rows in turns for row in rows[index : index + 1]]
        assert len(order) >= count, f"{self.language}: {len(order)} rows of {kind}, {count} wanted"
        return order[:count]

    def _all(self, kind: str, family: Family) -> list[Row]:
        match kind:
            case "one passage":
                return [self.answered_row(each, family, kind) for each in family.answered]
            case "reworded":
                return [self.answered_row(each, family, kind) for each in family.reworded]
            case "two passages":
                return [self.answered_row(each, family, kind) for each in (*family.pairs, *self._joined(family))]
            case "passage missing":
                return [self.unanswered(each.question, each.passages, (), family, kind) for each in family.answered]
            case _:
                return [self.unanswered(each.question, (), (each.passage,), family, kind) for each in family.left_open]

    def _joined(self, family: Family) -> list[AnsweredQuestion]:
        """Two questions in one breath, about two things of one topic."""
        two = self.random.choice(
            [pair for pair in combinations(family.answered, 2) if pair[0].passages != pair[1].passages]
        )
        return [AnsweredQuestion(in_one_breath(two[0].question, two[1].question, self.language), sum_of(two))]

    def answered_row(self, each: AnsweredQuestion, family: Family, kind: str) -> Row:
        passages = self._among(each.passages, family)
        answer = tuple((text, passages.index(passage)) for text, passage in each.sentences)
        return Row(each.question, passages, answer, self.language, kind)

    def unanswered(self, question: str, without: list[str] | tuple, given: tuple, family: Family, kind: str) -> Row:
        passages = self._among(given, family, without)
        return Row(question, passages, ((UNANSWERABLE[self.language], None),), self.language, kind)

    def _among(self, given: list[str] | tuple, family: Family, without: list[str] | tuple = ()) -> tuple[str, ...]:
        """The given passages among siblings, and now and then one on another topic; three to six in all."""
        size = self.random.choice((3, 3, 4, 4, 5, 6))
        siblings = [passage for passage in family.passages if passage not in (*given, *without)]
        others = [passage for other in self.families if other is not family for passage in other.passages]
        self.random.shuffle(siblings)
        strangers = self.random.random() < 0.3
        kept = siblings[: size - len(given) - strangers]
        chosen = [*given, *kept, *self.random.sample(others, size - len(given) - len(kept))]
        self.random.shuffle(chosen)
        return tuple(chosen)


def in_one_breath(first: str, second: str, language: str) -> str:
    if language == "zh":
        return f"{first}另外，{second}"
    return f"{first} And {second[0].lower()}{second[1:]}"


def sum_of(two: tuple[AnsweredQuestion, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sentence for each in two for sentence in each.sentences)
