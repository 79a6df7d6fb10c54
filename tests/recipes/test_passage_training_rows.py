"""Rows to adapt a model to cited_answer with: the cited passage says so, no other does, and all topics are new."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.prompting.example_rows import example_from_json
from plait.tasks.cited_answer import cited_answer

RECIPE = Path(__file__).resolve().parents[2] / "recipes/data/cited_answer.py"
COUNT = 400
RUN = {"en": 21, "zh": 8}  # so many letters in a row are shared with no held-out text; "how many people does" is


@pytest.fixture(scope="module")
def recipe() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RECIPE.parent))
        patch.setattr(sys, "dont_write_bytecode", True)
        import cited_answer as recipe_module

        yield recipe_module


@pytest.fixture(scope="module")
def rows(recipe: ModuleType) -> list:
    return recipe.training_rows(COUNT)


def without_values(text: str) -> str:
    return re.sub(r"\{[^{}]+\}", " ", text)


def held_out_runs(recipe: ModuleType, language: str) -> set[str]:
    from decontamination import runs

    families = recipe.families_of("held-out", language)
    questions = [each.question for family in families for each in (*family.answered, *family.reworded, *family.pairs)]
    texts = (*questions, *(each for family in families for each in family.passages))
    return {run for text in texts for run in runs(text, RUN[language])}


def test_the_command_writes_the_same_rows_every_time(recipe: ModuleType, rows: list, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    subprocess.run([sys.executable, "-B", RECIPE, "--training", file, str(COUNT)], check=True)
    assert file.read_bytes() == recipe.jsonl(rows, held_out=False)


def test_every_row_is_an_example_of_the_task_and_none_is_repeated(rows: list) -> None:
    for row in rows:
        example_from_json(cited_answer.declaration, json.loads(json.dumps(row.to_json(held_out=False))), "row")
    assert len({(row.question, row.passages) for row in rows}) == COUNT


def test_kinds_and_languages_have_the_shares_of_the_held_out_file(rows: list) -> None:
    assert set(Counter(row.language for row in rows).values()) == {COUNT // 2}
    unanswered = sum(row.answer[0][1] is None for row in rows) / COUNT
    assert unanswered == 0.2
    assert Counter(row.kind for row in rows)["reworded"] == round(COUNT * 0.07)


def test_the_figures_of_an_answer_stand_in_the_cited_passage(rows: list) -> None:
    for row in rows:
        for text, source in row.answer:
            if source is not None:
                assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", row.passages[source])), row


def test_one_passage_alone_names_the_subject_of_a_question(recipe: ModuleType, rows: list) -> None:
    """Otherwise two passages could contradict each other, or answer what should stay open."""
    from passages.training import topics

    for language in recipe.SEED_TOPICS:
        subjects = [re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z0-9])") for topic in topics(language)
                    for name in topic.subjects]  # fmt: skip
        for row in (row for row in rows if row.language == language and row.kind in ("one passage", "passage missing")):
            named = [subject for subject in subjects if subject.search(row.question)]
            places = [index for index, text in enumerate(row.passages) if any(each.search(text) for each in named)]
            assert not named or places == ([] if row.kind == "passage missing" else [row.answer[0][1]]), row


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_passage_or_question_resembles_one_of_the_held_out_file(recipe: ModuleType, language: str) -> None:
    from decontamination import runs
    from passages.training import topics

    known, others = topics(language), held_out_runs(recipe, language)
    assert not {topic.name for topic in known} & {family.topic for family in recipe.families_of("held-out", language)}
    texts = [without_values(text) for topic in known for fact in topic.facts for text in (fact.sentence, fact.question)]
    assert [text for text in texts if runs(text, RUN[language]) & others] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_resembling_passage_would_be_found(recipe: ModuleType, language: str) -> None:
    """The negative control: the held-out passages without their first and last words."""
    from decontamination import runs

    others = held_out_runs(recipe, language)
    passages = [each for family in recipe.families_of("held-out", language) for each in family.passages]
    assert passages and all(runs(passage[5:-5], RUN[language]) & others for passage in passages)


@given(seed=st.integers(0, 10**6))
def test_a_fact_has_the_same_values_in_sentence_and_answer(recipe: ModuleType, seed: int) -> None:
    from passages.training import topics

    random = Random(seed)
    fact = random.choice(random.choice(topics("en")).facts).filled("Somewhere", random)
    assert "{" not in fact.sentence + fact.question + fact.answer + fact.reworded
    assert set(re.findall(r"\d+", fact.answer)) <= set(re.findall(r"\d+", fact.sentence))
