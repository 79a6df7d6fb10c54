"""Examples of earlier versions move to their project; killed at any step, the move loses nothing."""

import json
import os
import shutil
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait import Task
from plait.core.errors import SettingsError
from plait.core.prompting import example_migration
from plait.core.prompting.example_migration import migrate_examples
from plait.core.values.durable_files import append
from tests.support.shout_examples import nearest_answers

KILLED = 9
STEPS = ("open", "write", "fsync", "replace", "close", "mkdir")


def row(text: str, fingerprint: str | None) -> bytes:
    line = {"text": text, "times": 1, "answer": text.upper()}
    return json.dumps(line | ({"fingerprint": fingerprint} if fingerprint else {})).encode()


@pytest.fixture
def shared(shout: Task[..., str], tmp_path: Path) -> Path:
    """The file of an earlier version: rows of this form, of another one, of none, a blank and a repeated row."""
    own = shout.declaration.fingerprint
    file = tmp_path / "data" / "examples" / "shout.jsonl"
    file.parent.mkdir(parents=True)
    lines = [row("a", own), b"   ", row("b", "0123456789ab"), row("c", own), row("c", own), row("d", None)]
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def rows_below(folder: Path, suffix: str = ".jsonl") -> Counter[bytes]:
    files = [file for file in folder.rglob(f"*{suffix}") if not file.name.startswith(".")]
    return Counter(line for file in files for line in file.read_bytes().split(b"\n") if line.strip())


def test_rows_move_to_the_project_and_form_they_belong_to(shout: Task[..., str], shared: Path) -> None:
    content = shared.read_bytes()
    assert [each.answer for each in shout.examples] == ["D", "C", "C", "A"]
    assert nearest_answers(shout, "a", 9) == ["A", "D", "C"]
    assert not shared.exists() and shared.with_name("shout.jsonl.migrated").read_bytes() == content
    (other,) = (shared.parent / "unclaimed").glob("*.jsonl")
    assert other.name == "shout-0123456789ab.jsonl" and other.read_bytes() == row("b", "0123456789ab") + b"\n"
    shout.examples.add("E", text="e")
    removed = shout.examples.undo()
    assert removed and removed.answer == "E" and shout.examples.count == 4


def test_rows_that_an_earlier_version_writes_again_are_added_once(shout: Task[..., str], shared: Path) -> None:
    content = shared.read_bytes()
    assert shout.examples.count == 4
    shared.write_bytes(content + row("f", shout.declaration.fingerprint) + b"\n")
    assert [each.answer for each in shout.examples] == ["F", "D", "C", "C", "A"]
    assert sorted(file.name for file in shared.parent.glob("*.migrated*")) == [
        "shout.jsonl.migrated", "shout.jsonl.migrated-2",
    ]  # fmt: skip


def test_another_project_gets_none_of_them(
    shout: Task[..., str], shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shout.examples.count == 4
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "plait.toml").write_text("")
    monkeypatch.chdir(tmp_path / "other")
    assert list(shout.examples) == []


def test_a_row_that_is_not_json_moves_and_is_still_reported(shout: Task[..., str], shared: Path) -> None:
    append(shared, b"broken\n")
    with pytest.raises(Exception, match=r"shout-\w+\.jsonl:5 is not JSON"):
        list(shout.examples)
    assert rows_below(shared.parent, ".migrated")[b"broken"] == 2


def test_a_copy_that_is_not_the_same_leaves_the_file_as_it_was(
    shout: Task[..., str], shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = shared.read_bytes()
    monkeypatch.setattr(example_migration, "create", lambda file, rows: file.write_bytes(rows[:-40]))
    with pytest.raises(SettingsError, match="were not copied"):
        list(shout.examples)
    assert shared.read_bytes() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written_is_reported(shout: Task[..., str], shared: Path) -> None:
    shared.parent.chmod(0o500)
    with pytest.raises(SettingsError, match="cannot be moved to their project"):
        list(shout.examples)


# ── kills ──


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Whether a process that does the work is killed at this step; a write that is killed writes half."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        count = 0

        def hooked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                count += 1
                if count == step:
                    if name == "write":
                        function(args[0], bytes(args[1])[: len(args[1]) // 2])
                    os._exit(KILLED)
                return function(*args, **kwargs)

            return call

        for name in STEPS:
            setattr(os, name, hooked(name, getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def losses(folder: Path, work: Callable[[], None], finish: Callable[[], None]) -> tuple[int, list[int]]:
    """The number of steps of the work, and those after which a row was nowhere or the end was another one."""
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    expected = rows_below(before)
    step, lost = 1, []
    while killed_at(step, work):
        if expected - rows_below(folder) - rows_below(folder, ".migrated"):
            lost.append(step)
        finish()
        if rows_below(folder) != expected:
            lost.append(step)
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        step += 1
    return step - 1, lost


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_move_that_is_killed_at_any_step_loses_nothing(shout: Task[..., str], shared: Path) -> None:
    def move() -> None:
        migrate_examples(shout.declaration)

    steps, lost = losses(shared.parent, move, move)
    assert steps > 30 and lost == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_move_that_renames_first_is_seen_to_lose_rows(shout: Task[..., str], shared: Path) -> None:
    """Negative control of the test above."""

    def careless() -> None:
        if shared.exists():
            moved = shared.with_name("shout.jsonl.moving")
            os.replace(shared, moved)
            append(shared.with_name("new.jsonl"), moved.read_bytes())
            os.replace(moved, shared.with_name("shout.jsonl.migrated"))

    steps, lost = losses(shared.parent, careless, careless)
    assert lost and steps < 30
