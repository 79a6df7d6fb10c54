"""A folder of tasks and their rows is read to learn from and to judge by; what is wrong with a row has its line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError
from plait.core.values.json_value import Json
from plait.learning.mixture import TaskMixture, read_mixture
from plait.service.catalog import Catalog

TASKS = '''from typing import Literal
from pydantic import BaseModel
from plait import Quoted, task

class Note(BaseModel):
    title: Quoted[str]
    stars: int

@task
def mood(text: str) -> Literal["good", "bad"]:
    """Is {text} good or bad?"""
    ...

@task
def note(page: str) -> Note | None:
    """Note of {page}"""
    ...
'''
JUDGED = '''from plait import task

@task
def count(things: list[str]) -> int:
    """How many are {things}?"""
    ...
'''
ECHO = '''
@task
def echo(text: str) -> str:
    """Repeat {text}"""
    ...
'''
ROWS: list[dict[str, Json]] = [
    {"task": "mood", "kind": "yes or no", "inputs": {"text": "I like it."}, "answer": "good"},
    {"task": "note", "inputs": {"page": "Dune, 5 stars"}, "answer": {"title": "Dune", "stars": 5}},
    {"task": "note", "inputs": {"page": "Nothing here."}, "answer": None},
]


def write_folder(name: str, tasks: str = TASKS, rows: Sequence[Json] = ROWS) -> Path:
    folder = Path(name)
    folder.mkdir()
    (folder / "tasks.py").write_text(tasks)
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def read(folder: Path, evaluation: Path | None = None, said: list[str] | None = None) -> TaskMixture:
    installed = [each.declaration for each in Catalog.built_in()]
    return read_mixture(folder, evaluation, installed, (said if said is not None else []).append)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_rows_are_examples_of_their_tasks_and_null_is_an_answer() -> None:
    mixture = read(write_folder("mix"))
    by_task = {each.declaration.name: each.examples for each in mixture.learned}
    assert [each.answer for each in by_task["mood"]] == ["good"]
    assert [each.inputs["page"] for each in by_task["note"]] == ["Dune, 5 stars", "Nothing here."]
    assert by_task["note"][1].answer is None


def test_other_tasks_judge_it_each_as_a_part() -> None:
    rows = [{"task": "count", "inputs": {"things": ["a"] * n}, "answer": n} for n in range(1, 4)]
    mixture = read(write_folder("mix"), write_folder("judge", JUDGED, rows))
    (judged,) = mixture.held_out
    assert judged.declaration.name == "count" and [row.slices for row in judged.rows] == [{"task": "count"}] * 3
    assert mixture.source == "judge" and judged.rows[0].where == "judge/rows.jsonl:1"


def test_without_a_folder_to_judge_by_the_seeds_of_installed_typed_tasks_do() -> None:
    names = {each.declaration.name for each in read(write_folder("mix")).held_out}
    assert {"sort_message", "extract_invoice"} <= names and "describe" not in names


def test_inputs_with_two_answers_are_left_out_and_named() -> None:
    said: list[str] = []
    other = {"task": "mood", "inputs": {"text": "I like it."}, "answer": "bad"}
    mixture = read(write_folder("mix", rows=[*ROWS, other]), said=said)
    assert [each.declaration.name for each in mixture.learned] == ["note"]
    assert said == ["left out: mix/rows.jsonl:1 and mix/rows.jsonl:4 have the same inputs and different answers"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"task": "moood", "inputs": {"text": "x"}, "answer": "bad"}, "is a row of .moood., and tasks.py declares no"),
        ({"task": "mood", "inputs": {"text": "x"}, "answer": "blue"}, "has an invalid answer"),
        ({"task": "note", "inputs": {"page": "x"}, "answer": {"title": "Dune", "stars": 5}}, "has an invalid answer"),
        ({"task": "mood", "inputs": {"txt": "x"}, "answer": "bad"}, "is not an example"),
        ({"task": "mood", "inputs": {"text": "x"}}, "has no answer"),
        ({"task": "mood", "text": "x", "answer": "bad"}, "is no row of a task"),
        ([1], "is no row of a task"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_line(row: Any, message: str) -> None:
    with pytest.raises(InputError, match=rf"mix/rows\.jsonl:4 {message}") as refused:
        read(write_folder("mix", rows=[*ROWS, row]))
    assert refused.value.hint or refused.value.problems


def test_a_misspelled_task_is_named() -> None:
    with pytest.raises(InputError) as refused:
        read(write_folder("mix", rows=[{"task": "moood", "inputs": {"text": "x"}, "answer": "bad"}]))
    assert refused.value.hint == "did you mean mood?"


def test_an_empty_folder_and_empty_files_are_refused() -> None:
    Path("empty").mkdir()
    with pytest.raises(InputError, match=r"empty has no tasks\.py"):
        read(Path("empty"))
    with pytest.raises(InputError, match=r"rows\.jsonl has no rows"):
        read(write_folder("no_rows", rows=[]))
    with pytest.raises(InputError, match=r"tasks\.py declares no tasks"):
        read(write_folder("no_tasks", "", []))


def test_free_text_is_no_typed_task() -> None:
    with pytest.raises(InputError, match=r"echo of mix/tasks\.py answers with free text"):
        read(write_folder("mix", TASKS + ECHO))


def test_a_task_that_is_learned_judges_nothing() -> None:
    with pytest.raises(InputError, match="mood of judge is learned too, as mood"):
        read(write_folder("mix"), write_folder("judge"))
