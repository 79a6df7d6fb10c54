"""`plait evaluate`: score, baselines, comparison and reports, from the shell."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_server import run_plait, wait_until

TASKS = '''import os, time
from typing import Literal
from plait import engine, task

@task
def sort(text: str) -> Literal["a", "b", "c"]:
    """Sort {text}."""
    ...

@engine.answers(sort)
def by_letter(text: str) -> Literal["a", "b", "c"]:
    with open("asked.txt", "a") as log:
        log.write(text + "\\n")
    time.sleep(float(os.environ.get("SLOW", "0")))
    return text[0]

@engine.answers(sort)
def always(text: str) -> Literal["a", "b", "c"]:
    return "a"
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sorting.py").write_text(TASKS)
    lines = [{"text": f"{letter}{number}", "answer": letter, "kind": "easy"} for number in range(4) for letter in "abc"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def evaluate(*arguments: str):
    return run_plait("evaluate", "sorting.py:sort", "--model", "by_letter", *arguments)


def test_the_score_is_printed_beside_the_baselines(folder: Path) -> None:
    result = evaluate("--data", "rows.jsonl")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == "sort · by_letter · rows.jsonl · 12 rows"
    assert any(line.startswith("score") and "1.000" in line for line in lines)
    assert any(line.startswith("always") and "0.333" in line for line in lines)
    assert "better on 8, worse on 0 of 12 rows" in result.out


def test_two_settings_are_compared_row_by_row(folder: Path) -> None:
    result = evaluate("--data", "rows.jsonl", "--against", "model=always")
    assert "against always" in result.out and "better on 8, worse on 0" in result.out
    first = evaluate("--data", "rows.jsonl", "--out", "report.json", "--out", "report.md", "--out", "report.html")
    assert (first.code, first.err) == (0, "wrote report.json\nwrote report.md\nwrote report.html\n")
    again = evaluate("--data", "rows.jsonl", "--against", "report.json")
    assert "which may be chance" in again.out
    assert json.loads((folder / "report.json").read_text())["score"]["mean"] == 1.0


def test_held_out_rows_beside_the_file_are_used_without_data(folder: Path) -> None:
    none = evaluate()
    assert none.code == 2 and "sort has no held-out rows" in none.err
    (folder / "held_out").mkdir()
    for split in ("sort.one", "sort.two", "other"):
        (folder / "held_out" / f"{split}.jsonl").write_bytes((folder / "rows.jsonl").read_bytes())
    result = evaluate("--limit", "3", "--out", "report.json")
    assert result.code == 0 and result.out.count(" · 3 rows") == 2
    assert sorted(file.name for file in folder.glob("report*")) == ["report.one.json", "report.two.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "report.pdf"), "--out takes .json, .md, .html, not report.pdf"),
        (("--out", "nowhere/report.json"), "there is no folder nowhere"),
        (("--data", "missing.jsonl"), "missing.jsonl does not exist"),
        (("--shots", "many"), "option shots should be a whole number"),
    ],
)
def test_invalid_arguments_are_reported_before_the_first_call(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = evaluate("--data", "rows.jsonl", *arguments)
    assert result.code == 2 and message in result.err
    assert not (folder / "asked.txt").exists()


def test_an_invalid_setting_to_compare_with_is_reported(folder: Path) -> None:
    result = evaluate("--data", "rows.jsonl", "--against", "shots=many")
    assert result.code == 2 and "option shots should be a whole number" in result.err


def test_a_killed_run_resumes_with_the_same_result(folder: Path) -> None:
    whole = evaluate("--data", "rows.jsonl", "--at-once", "1").out
    (folder / "asked.txt").unlink()
    command = [sys.executable, "-m", "plait", "evaluate", "sorting.py:sort", "--model", "by_letter"]
    environment = {**os.environ, "SLOW": "0.15"}
    running = subprocess.Popen([*command, "--data", "rows.jsonl", "--at-once", "1"], env=environment)
    wait_until(lambda: (folder / "asked.txt").exists() and len((folder / "asked.txt").read_text().split()) >= 4)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = len((folder / "asked.txt").read_text().split())
    result = evaluate("--data", "rows.jsonl", "--at-once", "1")
    assert "of 12 rows were answered by an earlier run" in result.err
    calls = (folder / "asked.txt").read_text().split()
    assert 12 <= len(calls) <= 13 and before < 12, "only what was being asked when it was killed is asked twice"
    untimed = [line for line in result.out.splitlines() if " s per answer" not in line]
    assert untimed == [line for line in whole.splitlines() if " s per answer" not in line]
