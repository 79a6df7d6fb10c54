"""Added examples belong to a project and a form of a task, and to no other; no input is among its own shots."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import Task, task
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.project import project_folder
from plait.service.task_module import import_file
from tests.support.shout_examples import write_seeds

TRIAGE = '''from plait import task

@task
def triage(text: str) -> str:
    """Which team answers {text}?"""
    ...
'''
Load = Callable[..., Task[..., str]]


@task
def echo(text: str, notes: list[str] = []) -> str:  # noqa: B006 - never changed
    """Say {text} with {notes}."""
    ...


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """The task `triage` of a file in a folder; the working folder is another one, without plait.toml."""
    monkeypatch.chdir(tmp_path)
    count = 0

    def load_from(folder: str, source: str = TRIAGE) -> Any:
        nonlocal count
        count += 1
        file = tmp_path / folder / f"triage_{count}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        return import_file(file).triage

    yield load_from


def answers(task: Task[..., str]) -> list[object]:
    return [each.answer for each in task.examples]


def test_a_task_of_the_same_name_in_another_folder_has_examples_of_its_own(load: Load) -> None:
    mine, other, same = load("a"), load("b"), load("a")
    mine.examples.add("billing", text="my secret")
    assert mine.declaration.fingerprint == other.declaration.fingerprint
    assert answers(mine) == answers(same) == ["billing"] and answers(other) == []
    assert "my secret" not in str(other.prompt("secrets")) and "my secret" in str(mine.prompt("secrets"))
    assert other.examples.undo() is None and not other.examples.store.remove(next(iter(mine.examples)))
    assert (mine.examples.count, other.examples.count) == (1, 0)


def test_the_folder_of_plait_toml_is_the_project(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = load("lib")
    shared.examples.add("without", text="x")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plait.toml").write_text("")
        monkeypatch.chdir(tmp_path / name)
        assert answers(shared) == [] and project_folder(shared.declaration) == tmp_path / name
        shared.examples.add(name, text="x")
    assert answers(shared) == ["b"]
    monkeypatch.chdir(tmp_path / "a")
    assert answers(shared) == ["a"]
    monkeypatch.chdir(tmp_path)
    assert answers(shared) == ["without"]


def test_a_folder_has_one_project_however_it_is_reached(load: Load, tmp_path: Path) -> None:
    mine = load("a")
    mine.examples.add("billing", text="x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert answers(load("link")) == ["billing"]


def test_a_task_without_a_file_belongs_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(compile(TRIAGE, "/tmp/ipykernel_1/2.py", "exec"), names)
    assert project_folder(names["triage"].declaration) == tmp_path


def test_another_form_of_a_task_has_examples_of_its_own_which_can_be_taken_over(load: Load) -> None:
    before = load("a")
    before.examples.add("billing", text="x")
    before.examples.add("sales", text="y")
    now = load("a", TRIAGE.replace("Which team", "Who"))
    assert answers(now) == [] and "billing" not in str(now.prompt("z"))
    for example in list(now.examples.earlier):
        now.examples.add(example.answer, **example.inputs)
    assert answers(now) == answers(before) == ["sales", "billing"]


# ── shots ──


def test_an_input_is_never_among_its_own_shots() -> None:
    for text in ("alpha beta", " alpha\r\nbeta ", "alpha beta gamma", "alpha"):
        echo.examples.add(text.upper(), text=text)
    shots = select_shots(echo.declaration, {"text": "alpha\nbeta", "notes": []}, 4)
    assert [each.answer for each in shots] == ["ALPHA", "ALPHA BETA GAMMA"]
    assert len(select_shots(echo.declaration, {"text": "alpha beta", "notes": ["x"]}, 4)) == 4, "another input"


words = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)


@given(st.lists(words, min_size=1, max_size=7), words, st.integers(0, 5))
def test_no_shot_has_the_words_of_the_question(examples: list[list[str]], question: list[str], count: int) -> None:
    while echo.examples.undo():
        pass
    for number, example in enumerate(examples):
        echo.examples.add(f"{number}", text=" ".join(example))
    shots = select_shots(echo.declaration, {"text": " ".join(question), "notes": []}, count)
    texts = [str(shot.inputs["text"]).split() for shot in shots]
    assert question not in texts
    others = {tuple(example) for example in examples if example != question}
    assert len(shots) == min(count, len(others))


# ── what a page tries ──


def test_what_a_page_tries_is_a_held_out_row_that_no_prompt_shows(load_source: Callable[..., Any]) -> None:
    shout = load_source(TRIAGE.replace("triage", "shout"), "shout")
    write_seeds('{"text": "a seed", "answer": "A"}')
    assert [each.inputs["text"] for each in shout.examples.unshown] == ["a seed"] and shout.examples.unshown_count == 1
    assert "[assistant]" not in str(shout.prompt("a seed")), "not among its own shots"
    held_out = Path("held_out/shout.jsonl")
    held_out.parent.mkdir()
    held_out.write_text("".join(f"{json.dumps({'text': f'held out {at}', 'answer': 'H'})}\n" for at in range(3)))
    tried = [each.inputs["text"] for each in shout.examples.unshown]
    assert tried == ["held out 0", "held out 1", "held out 2"] and shout.examples.unshown_count == 3
    assert all("held out" not in str(shout.prompt("x")) for _ in tried)
