"""The rows of `sort_message`: are they sorted by the rules of docs/data/sort_message.md, and are the splits apart?"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.prompt import prompt
from plait.tasks.sort_message import sort_message

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "recipes/data/sort_message.py"
TASKS = ROOT / "src/plait/tasks"
FILES = {
    "seeds": TASKS / "seeds/sort_message.jsonl",
    "unseen-sentences": TASKS / "held_out/sort_message.unseen-sentences.jsonl",
    "unseen-templates": TASKS / "held_out/sort_message.unseen-templates.jsonl",
}
HELD_OUT = ["unseen-sentences", "unseen-templates"]
LABELS = ("billing", "delivery", "returns", "account", "technical", "sales", "feedback", "spam")


@cache
def rows(split: str) -> list[dict]:
    return [json.loads(line) for line in FILES[split].read_text("utf-8").splitlines()]


def all_rows() -> list[dict]:
    return [row for split in FILES for row in rows(split)]


def language(text: str) -> str:
    return "zh" if re.search("[一-鿿]", text) else "en"


def essence(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


@contextmanager
def recipes() -> Iterator[None]:
    sys.path.insert(0, str(RECIPE.parent))
    try:
        yield
    finally:
        sys.path.remove(str(RECIPE.parent))


@cache
def made() -> dict[str, list[Any]]:
    """The splits as the recipe makes them, in which the seeds still know their templates."""
    with recipes():
        import sort_message as recipe

        return recipe.splits()


def test_every_row_is_an_example_of_the_task() -> None:
    for number, row in enumerate(all_rows(), 1):
        example_from_json(sort_message.declaration, row, f"row {number}")


def test_files_have_the_stated_columns() -> None:
    assert all(list(row) == ["message", "answer"] for row in rows("seeds"))
    slices = ["language", "by_hand", "writing", "template"]
    for split in HELD_OUT:
        assert all(list(row) == ["message", "answer", *slices] for row in rows(split))
        assert {row["writing"] for row in rows(split)} >= {"plain", "slips", "careless"}
    assert sum(row["by_hand"] for row in rows("unseen-templates")) == 80


def test_message_and_summary_are_in_one_language() -> None:
    for row in all_rows():
        assert language(row["message"]) == language(row["answer"]["summary"]), row
        assert row.get("language", language(row["message"])) == language(row["message"])


def test_labels_are_balanced_and_languages_even() -> None:
    for split in FILES:
        labels = Counter(row["answer"]["label"] for row in rows(split))
        languages = Counter(language(row["message"]) for row in rows(split))
        assert set(labels) == set(LABELS)
        assert min(labels.values()) >= 0.1 * len(rows(split))
        assert languages["en"] == languages["zh"]
        assert max(Counter(row["answer"]["urgency"] for row in rows(split)).values()) < 0.55 * len(rows(split))


def test_spam_is_never_urgent() -> None:
    spam = [row for row in all_rows() if row["answer"]["label"] == "spam"]
    assert {row["answer"]["urgency"] for row in spam} == {"low"}
    assert any(re.search("URGENT|within|紧急", row["message"]) for row in spam)


def test_a_sign_of_urgency_determines_the_label() -> None:
    """The signs as the documentation lists them; slips of the pen and stops are read over."""
    raised = "third message|three times already|has to be settled today|before noon tomorrow|lawyer|solicitor"
    raised += "|第三次来信|三封邮件|今天必须解决|明天中午之前|找律师|消费者协会"
    calmed = "no hurry|whenever you find the time|not urgent at all|next month is fine"
    calmed += "|不着急|有空再处理|一点都不急|下个月也可以"
    seen = Counter()
    for row in all_rows():
        if row["answer"]["label"] != "spam" and not row.get("by_hand"):
            for pattern, urgency in ((raised, "high"), (calmed, "low")):
                if re.search(pattern, row["message"], re.IGNORECASE):
                    assert row["answer"]["urgency"] == urgency, row
                    seen[urgency] += 1
    assert min(seen.values()) > 50


def test_danger_and_wrong_charges_are_urgent() -> None:
    alarming = r"smok|fire|flame|burnt|burning|shock|spark|冒烟|着火|火苗|焦味|糊味|火花|被电|gas\b|煤气"
    messages = [
        row
        for row in all_rows()
        if re.search(alarming, row["message"]) and row["answer"]["label"] in ("technical", "returns")
    ]
    assert len(messages) > 30
    assert {row["answer"]["urgency"] for row in messages} == {"high"}


@pytest.mark.parametrize("split", HELD_OUT)
def test_no_held_out_message_is_a_seed_or_repeated(split: str) -> None:
    here = [essence(row["message"]) for row in rows(split)]
    assert len(set(here)) == len(here)
    assert not {essence(row["message"]) for row in rows("seeds")} & set(here)


@pytest.mark.parametrize("split", HELD_OUT)
def test_no_held_out_message_uses_the_wording_of_a_seed(split: str) -> None:
    with recipes():
        from messages.situations import situations
        from sort_message import usable_wordings

    wordings = [wording for each in ("en", "zh") for s in situations(each) for wording in usable_wordings(s, "seeds")]
    pieces = {max((essence(piece) for piece in re.split(r"\{\w+\}", wording)), key=len) for wording in wordings}
    telling = {piece for piece in pieces if len(piece) >= (8 if language(piece) == "zh" else 16)}
    assert len(telling) > 80
    for row in rows(split):
        assert not [piece for piece in telling if piece in essence(row["message"])], row["message"]


def test_unseen_sentences_use_only_situations_of_the_seeds_and_unseen_templates_none() -> None:
    seen = {row.template for row in made()["seeds"] if not row.by_hand}
    assert {row["template"] for row in rows("unseen-sentences")} <= seen
    assert not {row["template"] for row in rows("unseen-templates") if not row["by_hand"]} & seen


def test_the_first_seeds_cover_every_label_in_short_messages() -> None:
    first = rows("seeds")[:8]
    assert {row["answer"]["label"] for row in first} == set(LABELS)
    assert [language(row["message"]) for row in first] == ["en", "zh"] * 4
    assert all(len(row["message"]) < 160 for row in first)


def test_a_prompt_is_short() -> None:
    for row in all_rows():
        text = str(prompt(sort_message.declaration, {"message": row["message"]}))
        han = len(re.findall("[一-鿿]", text))
        assert 3 * han + (len(text) - han) // 3 < 1_000  # from above, as in test_cited_answer_data.py


def test_the_recipe_reproduces_these_files_byte_for_byte() -> None:
    process = subprocess.run([sys.executable, "-B", RECIPE, "--check"], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


def test_the_counts_in_the_documentation_are_correct() -> None:
    page = (ROOT / "docs/data/sort_message.md").read_text("utf-8")
    process = subprocess.run([sys.executable, "-B", RECIPE, "--counts"], capture_output=True, text=True, check=True)
    assert process.stdout and all(line in page for line in process.stdout.splitlines()), process.stdout
