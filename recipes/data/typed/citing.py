"""Answers that cite: sentences with their passages, the passage alone, and whether there is an answer at all."""

from functools import cache
from random import Random

from passages.rows import UNANSWERABLE_TEXT, RowGenerator
from passages.rows import Row as PassageRow
from passages.training import training_families

from typed.typed_task import Row, TypedTask, declaration, record

NAMES = {
    "en": (("claim", "proof"), ("statement", "shown_by"), ("line", "found_in")),
    "zh": (("说法", "依据"), ("答", "来源")),
}
ANSWERING = {
    "en": ("Use {notes} to answer {query}.", "{query} Look it up in {notes} and say where it stands.",
           "Reply to {query} with what {notes} tell, naming the note."),
    "zh": ("用{notes}回答{query}", "{query}请在{notes}里查，并说明在哪一条。"),
}  # fmt: skip
FINDING = {
    "en": (
        "Which of {notes} answers {query}?",
        "Find the one of {notes} that settles {query}",
        "{query} Point to the note among {notes} that tells.",
    ),
    "zh": ("{notes}中哪一条回答了{query}", "{query}指出{notes}里的那一条。"),
}
KNOWING = {
    "en": (
        "Do {notes} answer {query}?",
        "Is the answer to {query} in {notes}?",
        "Can {query} be answered from {notes}?",
    ),
    "zh": ("{notes}能回答{query}吗？", "凭{notes}可以知道{query}吗？"),
}


@cache
def passage_rows(language: str) -> tuple[PassageRow, ...]:
    random = Random(f"typed mixture, passages {language}")
    rounds = (RowGenerator(language, training_families(language, random), random).rows(100) for _ in range(10))
    return tuple(row for rows in rounds for row in rows if sum(map(len, row.passages)) < 500)


def inputs(row: PassageRow) -> dict:
    return {"query": row.question, "notes": list(row.passages)}


PARAMETERS = {"query": "str", "notes": "list[str]"}


def answering_task(number: int, language: str, random: Random) -> TypedTask:
    """Sentences with passages; a question that no passage answers has a sentence without one."""
    text, source_name = random.choice(NAMES[language])
    name, class_name = f"answers_{language}_{number}", f"Answer{language.title()}{number}"

    def sample(random: Random) -> Row:
        row = random.choice(passage_rows(language))
        return {"inputs": inputs(row), "answer": [{text: words, source_name: place} for words, place in row.answer]}

    source = declaration(
        name, PARAMETERS, f"list[{class_name}]", random.choice(ANSWERING[language]),
        record(class_name, {text: "str", source_name: 'Ref[str] | None'}),
    )  # fmt: skip
    return TypedTask("cited answer", name, language, source, sample)


def finding_task(number: int, language: str, random: Random) -> TypedTask:
    """The passage that answers, or None."""
    name = f"finds_{language}_{number}"

    def sample(random: Random) -> Row | None:
        row = random.choice(passage_rows(language))
        return {"inputs": inputs(row), "answer": row.answer[0][1]} if len(row.answer) == 1 else None

    source = declaration(name, PARAMETERS, "Ref[str] | None", random.choice(FINDING[language]))
    return TypedTask("choice", name, language, source, sample)


def knowing_task(number: int, language: str, random: Random) -> TypedTask:
    """Whether the passages answer; half of the rows are unanswerable."""
    name = f"knows_{language}_{number}"

    def sample(random: Random) -> Row | None:
        row = random.choice(passage_rows(language))
        answered = row.answer[0][0] != UNANSWERABLE_TEXT[language]
        return None if answered and random.random() < 0.7 else {"inputs": inputs(row), "answer": answered}

    source = declaration(name, PARAMETERS, "bool", random.choice(KNOWING[language]))
    return TypedTask("yes or no", name, language, source, sample)
