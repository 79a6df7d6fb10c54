"""A prompt that is too long says how much of its longest list would fit."""

from plait import task
from plait.core.errors import ContextTooLong
from plait.core.prompting.context_hint import add_count_hint
from plait.core.prompting.prompt import prompt


@task
def cited_answer(question: str, passages: list[str], notes: list[str]) -> str:
    """Answer {question} from {passages} and {notes}."""
    ...


def hint_for(passages: list[str], tokens: int, limit: int) -> str:
    inputs: dict[str, object] = {"question": "who?", "passages": passages, "notes": ["a note"]}
    error = ContextTooLong("too long", tokens=tokens, limit=limit, hint="pass less")
    return add_count_hint(error, cited_answer.declaration, inputs, prompt(cited_answer.declaration, inputs)).hint


def test_the_longest_list_is_named_with_the_counts_passed_and_possible() -> None:
    hint = hint_for(["word " * 100] * 30, tokens=10_000, limit=5_000)
    assert hint.startswith("30 passages were passed; about 14 fit. Pass fewer, or use a model with a longer context")


def test_one_passage_that_is_too_long_by_itself_does_not_fit() -> None:
    assert hint_for(["word " * 3_000], tokens=10_000, limit=5_000).startswith("1 passages were passed; about 0 fit.")


def test_without_a_list_or_a_count_the_hint_is_unchanged() -> None:
    assert hint_for([], tokens=10_000, limit=9_990) == "pass less"
    assert hint_for(["word"] * 9, tokens=0, limit=0) == "pass less"
