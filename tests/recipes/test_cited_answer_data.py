"""The rows of `cited_answer`, read again: does the cited passage say what the sentence says, and does no other?"""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.prompt import prompt
from plait.tasks.cited_answer import cited_answer

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "recipes/data/cited_answer.py"
FILES = {
    "seeds": ROOT / "src/plait/tasks/seeds/cited_answer.jsonl",
    "held-out": ROOT / "src/plait/tasks/held_out/cited_answer.jsonl",
}
KINDS = ("fact missing", "one passage", "passage missing", "reworded", "two passages")
UNSUPPORTED = {"en": "The passages do not say.", "zh": "所给的段落没有说明。"}
DIGITS = re.compile(r"\d[\d:.,]*\d|\d")


@cache
def rows(split: str) -> list[dict]:
    return [json.loads(line) for line in FILES[split].read_text("utf-8").splitlines()]


def all_rows() -> list[dict]:
    return [row for split in FILES for row in rows(split)]


def language(text: str) -> str:
    return "zh" if re.search("[一-鿿]", text) else "en"


def is_answerable(row: dict) -> bool:
    return row["answer"][0]["source"] is not None


def words(text: str) -> set[str]:
    """Words of four letters and more by their stems; pairs of Han characters."""
    han = re.findall("[一-鿿]", text)
    return {word[:5] for word in re.findall("[a-z]{4,}", text.lower())} | {a + b for a, b in pairwise(han)}


def test_every_row_is_an_example_of_the_task() -> None:
    for number, row in enumerate(all_rows(), 1):
        example_from_json(cited_answer.declaration, row, f"row {number}")


def test_files_have_the_stated_columns() -> None:
    assert all(list(row) == ["question", "passages", "answer"] for row in rows("seeds"))
    assert all(list(row) == ["question", "passages", "answer", "language", "kind"] for row in rows("held-out"))
    assert {row["kind"] for row in rows("held-out")} == set(KINDS)


def test_question_passages_and_answer_are_in_one_language() -> None:
    for row in all_rows():
        texts = [row["question"], *row["passages"], *(sentence["text"] for sentence in row["answer"])]
        assert len({language(text) for text in texts}) == 1, row["question"]
        assert row.get("language", language(row["question"])) == language(row["question"])


def test_a_row_has_three_to_six_different_passages() -> None:
    assert all(3 <= len(row["passages"]) == len(set(row["passages"])) <= 6 for row in all_rows())


def test_the_words_of_a_sentence_are_in_the_cited_passage_or_the_question() -> None:
    for row in filter(is_answerable, all_rows()):
        for sentence in row["answer"]:
            read = row["passages"][sentence["source"]] + row["question"]
            assert set(DIGITS.findall(sentence["text"])) <= set(DIGITS.findall(read)), sentence
            unread = words(sentence["text"]) - words(read)
            few = {"en": 2, "zh": 4}[language(read)]  # one new Han character makes two new pairs
            assert len(unread) <= max(few, len(words(sentence["text"])) // 3), (sentence, unread)


def test_no_other_passage_supports_a_sentence_as_well_as_the_cited_one() -> None:
    for row in filter(is_answerable, all_rows()):
        for sentence in row["answer"]:
            shared = [len(words(sentence["text"]) & words(passage)) for passage in row["passages"]]
            cited = shared.pop(sentence["source"])
            assert cited >= max(shared), (row["question"], sentence)


def test_each_required_passage_is_cited_once() -> None:
    for row in filter(is_answerable, rows("held-out")):
        citations = [sentence["source"] for sentence in row["answer"]]
        assert len(citations) == len(set(citations)) == (2 if row["kind"] == "two passages" else 1)


def test_an_unanswerable_question_has_a_fixed_answer_without_citation() -> None:
    for row in all_rows():
        if not is_answerable(row):
            assert row["answer"] == [{"text": UNSUPPORTED[language(row["question"])], "source": None}]


def test_a_question_without_its_passage_is_not_answered_by_the_others() -> None:
    supports = {
        row["question"]: row["passages"][row["answer"][0]["source"]] for row in all_rows() if is_answerable(row)
    }
    missing = [row for row in rows("held-out") if row["kind"] == "passage missing"]
    known = [row for row in missing if row["question"] in supports]
    assert len(known) > len(missing) / 2
    assert all(supports[row["question"]] not in row["passages"] for row in known)


def test_eight_of_ten_rows_are_answerable_in_both_languages() -> None:
    for split, size in (("seeds", 120), ("held-out", 600)):
        languages = Counter(language(row["question"]) for row in rows(split))
        assert languages == {"en": size // 2, "zh": size // 2}
        for each in languages:
            of_it = [is_answerable(row) for row in rows(split) if language(row["question"]) == each]
            assert 0.79 <= sum(of_it) / len(of_it) <= 0.81


def test_the_position_of_the_cited_passage_is_uninformative() -> None:
    held_out = [row for row in rows("held-out") if row["kind"] == "one passage"]
    first = sum(row["answer"][0]["source"] == 0 for row in held_out) / len(held_out)
    expected = sum(1 / len(row["passages"]) for row in held_out) / len(held_out)
    assert abs(first - expected) < 0.06


def test_counting_shared_words_finds_the_passage_unless_the_question_is_reworded() -> None:
    def hit_rate(kind: str) -> float:
        questions = [row for row in rows("held-out") if row["kind"] == kind]
        hits = [
            row["answer"][0]["source"] == most_similar_passage(row["question"], row["passages"]) for row in questions
        ]
        return sum(hits) / len(hits)

    assert hit_rate("one passage") > 0.95  # docs/data/cited_answer.md says so
    assert hit_rate("reworded") < 0.5


def most_similar_passage(question: str, passages: list[str]) -> int | None:
    shared = [len(figures_and_words(question) & figures_and_words(passage)) for passage in passages]
    return shared.index(max(shared)) if shared.count(max(shared)) == 1 else None


def figures_and_words(text: str) -> set[str]:
    han = re.findall("[一-鿿]", text)
    return {*re.findall("[a-z0-9]+", text.lower()), *(a + b for a, b in pairwise(han))}


def test_no_passage_and_no_question_of_a_held_out_row_is_in_the_seeds() -> None:
    seen = {passage for row in rows("seeds") for passage in row["passages"]}
    assert not seen & {passage for row in rows("held-out") for passage in row["passages"]}
    assert not {row["question"] for row in rows("seeds")} & {row["question"] for row in rows("held-out")}


def test_no_held_out_row_is_repeated() -> None:
    questions = [(row["question"], frozenset(row["passages"])) for row in rows("held-out")]
    assert len(set(questions)) == len(questions)


def test_a_prompt_is_short_enough_for_small_models_with_four_examples() -> None:
    longest = max(estimated_tokens(row) for row in all_rows())
    assert longest < 1_500 and sorted(map(estimated_tokens, all_rows()))[len(all_rows()) // 2] < 500


def estimated_tokens(row: dict) -> int:
    """From above: a token for three letters, three tokens for a Han character."""
    inputs = example_from_json(cited_answer.declaration, row, "row").inputs
    text = str(prompt(cited_answer.declaration, inputs))
    han = len(re.findall("[一-鿿]", text))
    return 3 * han + (len(text) - han) // 3


def test_the_first_seeds_show_every_kind_in_both_languages_with_few_passages() -> None:
    first = rows("seeds")[:8]
    assert [language(row["question"]) for row in first] == ["en", "zh"] * 4
    assert all(len(row["passages"]) <= 4 for row in first)
    assert [len(row["answer"]) for row in first] == [1, 1, 1, 1, 2, 2, 1, 1]
    assert [is_answerable(row) for row in first] == [True, True, False, False, True, True, True, True]


def test_the_recipe_reproduces_these_files_byte_for_byte() -> None:
    process = subprocess.run([sys.executable, "-B", RECIPE, "--check"], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


def test_the_counts_in_the_documentation_are_correct() -> None:
    page = (ROOT / "docs/data/cited_answer.md").read_text("utf-8")
    process = subprocess.run([sys.executable, "-B", RECIPE, "--counts"], capture_output=True, text=True, check=True)
    assert process.stdout and all(line in page for line in process.stdout.splitlines()), process.stdout


@pytest.mark.parametrize("split", FILES)
def test_files_stay_small(split: str) -> None:
    assert FILES[split].stat().st_size < 1_000_000
