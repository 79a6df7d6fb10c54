"""`plait correct`: the last answers of `plait run` become examples, with the right values; nothing else is stored."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from plait.cli import recent_answers
from plait.cli.recent_answers import files_to_forget
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import author_of_key
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog, find_task
from tests.support import ledger_tasks
from tests.support.running_server import Shell, run_plait, serve_catalog

TASKS = Path(ledger_tasks.__file__)
BILL = f"{TASKS}:read_bill"
KEY = "k" * 16


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def ask(shell: Shell, text: str = "bill 12 of 13") -> str:
    return json.loads(shell("run", BILL, "--text", text, "--detailed").out)["id"]


def stored(address: str = BILL) -> list[Any]:
    return [example.answer for example in find_task(address)[0].examples]


def kept(folder: Path) -> list[Path]:
    return list((folder / "data" / "answers").iterdir())


def test_fields_of_the_last_answer_are_corrected(shell: Shell) -> None:
    shell("run", BILL, "--text", "bill 12 of 13")
    result = shell("correct", "last", "--issued", "2026-05-06", "--lines.0.price=3.00", "--number", "13")
    assert (
        result.code == 0
        and result.out.startswith("corrected issued, lines.0.price, number: ")
        and "--undo" in result.err
    )
    (answer,) = stored()
    assert (str(answer.issued), str(answer.lines[0].price), answer.number) == ("2026-05-06", "3.00", "13")


def test_what_a_correction_changes_is_said_of_an_adapted_model_too(shell: Shell) -> None:
    id = ask(shell)
    assert shell("correct", id, "--right").out == "marked as right: an example for similar inputs from now on\n"
    (file,) = kept(Path())
    content = json.loads(file.read_text())
    assert content["model"] == "by_eye"
    file.write_text(json.dumps({**content, "model": "smollm2/read_bill@2"}))
    said = shell("correct", id, "--right").out
    assert "an example, which smollm2/read_bill@2 is not shown; its next version learns it: " in said
    assert f"plait adapt {BILL}" in said


def test_an_answer_is_marked_as_right_and_taken_back_by_its_id(shell: Shell) -> None:
    id = ask(shell)
    ask(shell, "bill 13")
    assert shell("correct", id, "--right").code == 0
    assert [answer.number for answer in stored()] == ["12"]
    assert shell("correct", id, "--undo").code == 0 and stored() == []
    again = shell("correct", id, "--undo")
    assert again.code == 2 and again.err.startswith("AnswerNotFound: ") and stored() == []


def test_values_are_written_as_inputs_are(shell: Shell, tmp_path: Path) -> None:
    ask(shell)
    (tmp_path / "lines.json").write_text('[{"what": "screws", "price": 2}]')
    assert shell("correct", "last", "--lines", "@lines.json").code == 0
    assert [answer.lines[0].what for answer in stored()] == ["screws"]
    shell("run", f"{TASKS}:shorten", "--text", "long text")
    assert shell("correct", "last", "--answer", "12").code == 0 and stored(f"{TASKS}:shorten") == ["12"]
    shell("run", f"{TASKS}:turn", "--wish", "x", "--lamps", '[{"name":"a"},{"name":"b"}]')
    assert shell("correct", "last", "--on", "false", "--lamp", "1").code == 0
    (turned,) = stored(f"{TASKS}:turn")
    assert turned.on is False and turned.lamp.value.name == "b"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--issued", "2026-02-31"), 'issued: '),
        (("--isued", "x"), "did you mean issued?"),
        (("--number", "99"), "does not stand in the input"),
        (("--lines", "[{"), "is not JSON"),
        (("--lines.0.price", "much"), "lines.0.price"),
        ((), "--right"),
        (("--right", "--number", "13"), "what is right?"),
        (("--right", "--undo"), "what is right?"),
        (("--number",), "should be a field with its value"),
        (("number", "13"), "should be a field with its value"),
    ],
)  # fmt: skip
def test_a_refused_correction_stores_nothing(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    ask(shell)
    result = shell("correct", "last", *arguments)
    assert result.code == 2 and words in result.err and stored() == [], result.err


def test_an_unknown_id_names_a_command_that_works(shell: Shell, tmp_path: Path) -> None:
    result = shell("correct", "0123456789ab-000000000000", "--right")
    assert result.code == 2 and "plait correct TASK --rows corrected.jsonl" in result.err
    row = {"text": "bill 12", "answer": {"number": "12", "issued": None, "lines": [{"what": "a", "price": "1"}]}}
    (tmp_path / "corrected.jsonl").write_text(json.dumps(row))
    result = shell("correct", BILL, "--rows", "corrected.jsonl")
    assert (result.code, result.out) == (0, "1 examples added to read_bill\n") and len(stored()) == 1


def test_a_bad_row_adds_none(shell: Shell, tmp_path: Path) -> None:
    rows = [
        {"text": "bill 12", "answer": {"number": number, "issued": None, "lines": [{"what": "a", "price": "1"}]}}
        for number in ("12", "99")
    ]
    (tmp_path / "corrected.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = shell("correct", BILL, "--rows", "corrected.jsonl")
    assert result.code == 2 and "corrected.jsonl:2" in result.err and "answer.number" in result.err and stored() == []


def test_no_answer_was_kept_yet(shell: Shell) -> None:
    result = shell("correct", "last", "--right")
    assert result.code == 2 and "plait run has kept no answer" in result.err


def test_a_path_is_not_an_id(shell: Shell, tmp_path: Path) -> None:
    ask(shell)
    (tmp_path / "data" / "x.json").write_text("{}")
    assert shell("correct", "../x", "--right").code == 2


# ── what plait run keeps ──


def test_the_last_twenty_answers_are_kept_for_their_owner_alone(shell: Shell, tmp_path: Path) -> None:
    ids = [ask(shell, f"bill {number}") for number in range(22)]
    assert {file.stem for file in kept(tmp_path)} == set(ids[2:])
    assert {file.stat().st_mode & 0o777 for file in kept(tmp_path)} == {0o600}
    assert (tmp_path / "data" / "answers").stat().st_mode & 0o777 == 0o700
    assert shell("correct", ids[2], "--right").code == 0 and shell("correct", ids[1], "--right").code == 2


def test_large_answers_are_forgotten_earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / f"{number}" for number in range(5)]
    for file in files:
        file.write_bytes(b"x" * 10)
    monkeypatch.setattr(recent_answers, "MAX_BYTES", 25)
    assert files_to_forget(files) == files[2:]
    monkeypatch.setattr(recent_answers, "MAX_BYTES", 5)
    assert files_to_forget(files) == files[1:], "the last answer can always be corrected"


def test_record_false_keeps_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("record = false\n")
    ask(shell)
    assert not (tmp_path / "data" / "answers").exists()
    (tmp_path / "plait.toml").write_text('record = "no"\n')
    assert shell("run", BILL, "--text", "bill 12").code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_an_answer_is_printed_where_it_cannot_be_kept(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    assert shell("run", BILL, "--text", "bill 12").code == 0


def test_a_data_folder_that_is_a_file_prints_the_answer(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "answers").write_text("")
    assert shell("run", f"{TASKS}:shorten", "--text", "long").out == "lon\n"


def test_a_task_that_has_changed_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(TASKS.read_text())
    shell("run", "first.py:shorten", "--text", "long")
    (tmp_path / "first.py").write_text(TASKS.read_text().replace("Shorten {text}", "Cut {text}"))
    result = run_plait("correct", "last", "--right", cwd=tmp_path)
    assert result.code == 2 and "shorten has changed since it gave the answer" in result.err


def test_an_answer_of_another_project_is_not_mixed_in(shell: Shell, tmp_path: Path) -> None:
    ask(shell)
    (tmp_path / "plait.toml").write_text("")
    result = shell("correct", "last", "--right")
    assert result.code == 2 and f"cd {TASKS.parent}" in result.err and stored() == []


# ── answers of a server ──


def test_an_answer_of_a_server_is_corrected_there_with_the_key(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    task = find_task(BILL)[0]
    monkeypatch.setenv("PLAIT_KEYS", KEY)
    rules = AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    with serve_catalog(Catalog((task,)), rules=rules) as server:
        monkeypatch.setenv("PLAIT_URL", server.url)
        id = ask(shell)
        assert json.loads(kept(tmp_path)[0].read_text())["author"] == author_of_key(KEY)
        assert shell("correct", "last", "--number", "13").code == 0
        assert [each.answer.number for each in Examples(task.declaration, author_of_key(KEY))] == ["13"]
        assert stored() == [], "the owner of the machine did not ask"
        kept(tmp_path)[0].unlink()
        assert shell("correct", id, "--number", "of", "--task", BILL).code == 0
        assert [each.answer.number for each in Examples(task.declaration, author_of_key(KEY))] == ["of"]
        assert shell("correct", id, "--undo", "--task", BILL).code == 0
        assert list(Examples(task.declaration, author_of_key(KEY))) == []
