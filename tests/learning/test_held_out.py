"""Held-out rows are never learned, nor is what nearly equals them; a sample keeps the shares of its columns."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plait
from plait import engine
from plait.core.calls.scope import use_transport
from plait.core.errors import SettingsError
from plait.core.evaluation.rows import read_rows
from plait.core.prompting.example_rows import Example
from plait.learning.evidence import missing_evidence
from plait.learning.held_out import HeldOutRow, sample_rows, split_examples
from plait.learning.near_inputs import NearInputs, group_numbers, input_texts, shingles, similarity
from plait.service.local_transport import LocalTransport
from plait.tasks.home_command import home_command

NOTE = '''from typing import Literal
from plait import task

@task
def mood(text: str, place: str = "here") -> Literal["good", "bad"]:
    """Is {text} good or bad {place}?"""
    ...
'''


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[LocalTransport]:
    """A transport that records answers."""
    (tmp_path / "plait.toml").write_text("[recording]\nall = true\n")
    transport = LocalTransport()
    with use_transport(transport):
        yield transport
    transport.recorder.close()


LONG = "the package that I ordered on Monday has still not arrived at my door"


@pytest.fixture
def mood(load_source: Callable[..., Any]) -> Any:
    return load_source(NOTE, "mood", "moods.py")


def example(text: str, answer: str = "good", **changes: Any) -> Example:
    return Example({"text": text, "place": "here"}, answer, **changes)


def hold_out(rows: list[dict[str, str]]) -> None:
    Path("held_out").mkdir()
    Path("held_out/mood.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_rows_of_the_file_and_what_nearly_equals_them_are_not_learned(mood: Any, tmp_path: Path) -> None:
    hold_out([{"text": LONG, "answer": "bad", "language": "en"}, {"text": LONG.upper(), "answer": "bad"}])
    copies = [example(LONG), example(f"  {LONG.title()}"), example(LONG + "!")]
    other = [example("the package arrived"), Example({"text": LONG, "place": "in the office"}, "bad")]
    split = split_examples(mood.declaration, [*copies, *other], tmp_path)
    assert (split.examples, split.left_out) == (tuple(other), 3) and split.source == "mood.jsonl"
    (row,) = split.held_out  # the second one has the same inputs
    assert row.slices == {"language": "en"} and row.where == f"{tmp_path}/held_out/mood.jsonl:1"


def test_few_examples_without_a_file_are_all_learned(mood: Any, tmp_path: Path) -> None:
    examples = [example(f"sentence number {number}") for number in range(39)]
    split = split_examples(mood.declaration, examples, tmp_path)
    assert (split.held_out, split.examples) == ((), tuple(examples))


def made_examples(count: int) -> list[Example]:
    """Examples in groups of two that differ in one letter."""
    words = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet")
    texts = [
        f"{words[n % 10]} {words[n // 10 % 10]} {n * 7919} writes again about {n * 104729} things" for n in range(count)
    ]
    return [example(text + ending) for text in texts for ending in ("", "!")]


def test_whole_groups_are_held_out_and_stay_so(mood: Any, tmp_path: Path) -> None:
    examples = made_examples(60)
    split = split_examples(mood.declaration, examples, tmp_path)
    held_out = {str(row.example.inputs["text"]) for row in split.held_out}
    learned = {str(each.inputs["text"]) for each in split.examples}
    assert 15 <= len(held_out) <= 45 and len(learned) + len(held_out) == 120 and split.left_out == 0
    assert not {text.rstrip("!") for text in held_out} & {text.rstrip("!") for text in learned}

    more = [*made_examples(200), *(example(f"{text}?") for text in sorted(held_out))]
    later = split_examples(mood.declaration, more, tmp_path)
    assert held_out <= {str(row.example.inputs["text"]) for row in later.held_out}
    assert learned <= {str(each.inputs["text"]) for each in later.examples}


def test_answers_that_were_marked_right_are_held_out(mood: Any, tmp_path: Path, transport: LocalTransport) -> None:
    """With twenty of them and twenty corrections there are rows to score, and ten to learn."""
    engine.answers(mood)(lambda text, place: "good")
    for number in range(20):
        plait.feedback(mood.detailed(f"{number * 7919} things went well").id, right=True)
    plait.feedback(mood.detailed("not so well").id, right=False)
    transport.recorder.flush()
    corrections = [
        example(f"{number * 104729} others did not", "bad", correction=f"id {number}") for number in range(24)
    ]
    split = split_examples(mood.declaration, [*corrections, example("7919 things went well")], tmp_path)
    rights = [row for row in split.held_out if row.example.is_right]
    assert len(rights) == 20 and rights[0].example.answer == "good" and rights[0].where.startswith("answer ")
    assert len(split.held_out) > 20 and len(split.examples) >= 10 and split.left_out <= 5
    assert not list(missing_evidence(split, split.held_out))
    only_corrections = [row for row in split.held_out if not row.example.is_right]
    (reason,) = missing_evidence(split, only_corrections)
    assert reason.endswith("which the champion got wrong: they favour every candidate")


def test_an_example_says_whether_its_answer_was_right_or_corrected(mood: Any, transport: LocalTransport) -> None:
    engine.answers(mood)(lambda text, place: "good")
    mood.correct(mood.detailed("it went well").id)
    mood.correct(mood.detailed("it went badly").id, answer="bad")
    marks = {each.inputs["text"]: (bool(each.correction), each.is_right) for each in mood.examples}
    assert marks == {"it went well": (True, True), "it went badly": (True, False)}


def test_a_damaged_assignment_is_reported_and_not_made_anew(mood: Any, tmp_path: Path) -> None:
    (tmp_path / "held-out.json").write_text("{")
    with pytest.raises(SettingsError, match=r"held-out\.json cannot be read"):
        split_examples(mood.declaration, made_examples(30), tmp_path)


def test_a_sample_is_the_same_each_time_and_keeps_shares() -> None:
    rows = [
        HeldOutRow(f"f:{n}", example(str(n)), {"language": "en" if n % 3 else "zh", "template": str(n)})
        for n in range(300)
    ]
    sample = sample_rows(rows, 60)
    assert sample == sample_rows(rows[::-1], 60) and len(set(map(id, sample))) == 60
    assert Counter(row.slices["language"] for row in sample) == {"en": 40, "zh": 20}
    assert sample_rows(rows[:50], 60) == tuple(rows[:50])


def test_commands_in_the_same_house_are_not_alike_and_the_seeds_are_not_held_out() -> None:
    declaration = home_command.declaration
    rows = [row.example() for row in read_rows(declaration, home_command.examples.held_out_files[0])][:2]
    same_house = Example({**rows[1].inputs, "devices": rows[0].inputs["devices"]}, rows[1].answer)
    near = NearInputs.of([input_texts(declaration, rows[0].inputs)])
    assert list(near.near(input_texts(declaration, rows[0].inputs))) == [0]
    assert list(near.near(input_texts(declaration, same_house.inputs))) == []


texts = st.lists(st.text("abcd", max_size=14).map(lambda text: (text,)), min_size=1, max_size=12)


@given(texts, st.text("abcd", max_size=14))
def test_the_index_finds_exactly_the_near_rows(rows: list[tuple[str]], wanted: str) -> None:
    expected = {n for n, (text,) in enumerate(rows) if similarity(shingles(text), shingles(wanted)) >= 0.8}
    assert set(NearInputs.of(rows).near((wanted,))) == expected


@given(texts)
def test_near_rows_have_one_group(rows: list[tuple[str]]) -> None:
    groups = group_numbers(rows)
    for n, (one,) in enumerate(rows):
        for m, (other,) in enumerate(rows):
            if similarity(shingles(one), shingles(other)) >= 0.8:
                assert groups[n] == groups[m]
