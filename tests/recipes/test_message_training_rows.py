"""Rows to adapt a model to sort_message with: by the rules, balanced, in wordings that no held-out file has."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from plait.core.prompting.example_rows import example_from_json
from plait.tasks.sort_message import sort_message

RECIPE = Path(__file__).resolve().parents[2] / "recipes/data/sort_message.py"
COUNT = 640
RUN = {"en": 20, "zh": 8}  # so many letters in a row no new wording shares with one of the held-out files


@pytest.fixture(scope="module")
def recipe() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RECIPE.parent))
        patch.setattr(sys, "dont_write_bytecode", True)
        import sort_message as recipe_module

        yield recipe_module


@pytest.fixture(scope="module")
def rows(recipe: ModuleType) -> list:
    return recipe.training_rows(COUNT)


def essence(text: str) -> str:
    """The letters of a wording, without placeholders and the top-level domain for examples."""
    return re.sub(r"\W+", "", re.sub(r"\{\w+\}|\.example", " ", text)).lower()


def held_out_wordings(recipe: ModuleType, language: str) -> list[str]:
    splits = ("unseen-sentences", "unseen-templates")
    situations = recipe.situations(language)
    wordings = [each for split in splits for s in situations for each in recipe.usable_wordings(s, split)]
    by_hand = [each.message for each in recipe.handwritten_messages(language) if each.split == "held-out"]
    return list(map(essence, [*wordings, *by_hand]))


def test_the_command_writes_the_same_rows_every_time(recipe: ModuleType, rows: list, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    subprocess.run([sys.executable, "-B", RECIPE, "--training", file, str(COUNT)], check=True)
    assert file.read_bytes() == recipe.jsonl(rows, held_out=False)


def test_every_row_is_an_example_of_the_task_and_none_is_repeated(recipe: ModuleType, rows: list) -> None:
    for row in rows:
        example_from_json(sort_message.declaration, json.loads(json.dumps(row.to_json(held_out=False))), "row")
    messages = {recipe.deduplication_key(row.message) for row in rows}
    others = {recipe.deduplication_key(row.message) for split in recipe.splits().values() for row in split}
    assert len(messages) == COUNT and not messages & others


def test_labels_and_languages_have_equal_shares_and_every_urgency_occurs(rows: list) -> None:
    counts = Counter((row.language, row.label) for row in rows)
    assert set(counts.values()) == {COUNT // 16}
    assert min(Counter(row.urgency for row in rows).values()) > COUNT / 5
    assert {row.urgency for row in rows if row.label == "spam"} == {"low"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_new_wording_resembles_one_of_the_held_out_files(recipe: ModuleType, language: str) -> None:
    from decontamination import runs
    from messages.training import FILES

    others = {run for wording in held_out_wordings(recipe, language) for run in runs(wording, RUN[language])}
    wordings = [essence(wording) for each in recipe.situations(language, FILES) for wording in each.wordings]
    assert len(wordings) > 200
    assert [each for each in wordings if runs(each, RUN[language]) & others] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_resembling_wording_would_be_found(recipe: ModuleType, language: str) -> None:
    """The negative control: the held-out wordings without their first and last three letters."""
    from decontamination import runs

    wordings = held_out_wordings(recipe, language)
    others = {run for wording in wordings for run in runs(wording, RUN[language])}
    cut = [each[3:-3] for each in wordings if len(each) > 30]
    assert cut and all(runs(each, RUN[language]) & others for each in cut)


def test_signs_of_urgency_and_situations_of_the_held_out_files_do_not_occur(recipe: ModuleType, rows: list) -> None:
    from messages.frames import shipped_phrases

    for language in recipe.LANGUAGES:
        phrases = shipped_phrases(language, held_out=True)
        text = essence(" ".join(row.message for row in rows if row.language == language))
        assert not [sign for sign in phrases.high + phrases.low if essence(sign) in text]
        withheld = {each.name for each in recipe.situations(language) if each.is_withheld}
        assert not withheld & {row.template.rsplit(".", 1)[1] for row in rows if row.language == language}
