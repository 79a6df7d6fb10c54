"""`plait backup`, `restore`, `fsck` and `examples`: what they print, their exit codes, and what they refuse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plait.cli.up import is_plait_server
from plait.service.catalog import find_task
from tests.support import ledger_tasks
from tests.support.running_server import Shell
from tests.support.tiny_llama import TinyLlama

TASKS = Path(ledger_tasks.__file__)
SHORTEN = f"{TASKS}:shorten"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def add(*answers: str) -> None:
    for answer in answers:
        find_task(SHORTEN)[0].examples.add(answer, text=f"a long text for {answer}")


def stored() -> list[object]:
    return [each.answer for each in find_task(SHORTEN)[0].examples]


def test_a_backup_is_restored_where_its_output_says(shell: Shell, tmp_path: Path) -> None:
    add("one", "two")
    result = shell("backup", "b.tar")
    assert result.code == 0 and "b.tar: 1 files, " in result.out and " MB, read again and compared" in result.out
    add("three")
    assert shell("restore", "b.tar").code == 2 and stored() == ["three", "two", "one"]
    result = shell("restore", "b.tar", "--replace")
    assert result.code == 0 and result.out.startswith("restored 1 files of 20") and stored() == ["two", "one"]
    former = Path(result.out.strip().rpartition("what was there before is in ")[2])
    assert (former / "plait.db").is_file()


def test_a_backup_has_a_name_of_its_own(shell: Shell, tmp_path: Path) -> None:
    add("one")
    assert shell("backup").code == 0
    assert [file.suffix for file in tmp_path.glob("plait-backup-20*.tar")] == [".tar"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no tar", "is not a complete backup"), (b"", "is not a complete backup"), (None, "No such file or directory")],
)
def test_what_is_no_backup_is_refused(shell: Shell, tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "b.tar").write_bytes(content)
    result = shell("restore", "b.tar", "--replace")
    assert result.code == 2 and message in result.err and not (tmp_path / "data").exists()


def test_nothing_is_restored_below_a_running_server(shell: Shell, tmp_path: Path) -> None:
    add("one")
    shell("backup", "b.tar")
    (tmp_path / "data" / "up").mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "plait", "serve"]) as server:
        (tmp_path / "data" / "up" / "8800.json").write_text(json.dumps({"pid": server.pid}))
        while not is_plait_server(server.pid):  # on a busy machine its command line is not there at once
            assert server.poll() is None
        result = shell("restore", "b.tar", "--replace")
        assert result.code == 2 and "a server is running on this data folder" in result.err
        assert "plait down" in result.err
        server.kill()
    assert shell("restore", "b.tar", "--replace").code == 0


def test_fsck_has_an_exit_code_for_scripts(shell: Shell, tmp_path: Path) -> None:
    add("one")
    assert shell("fsck").code == 0
    (tmp_path / "data").chmod(0o755)
    result = shell("fsck")
    assert result.code == 1 and "can be read by others" in result.out and "plait fsck --repair" in result.err
    assert shell("fsck", "--repair").code == 0
    result = shell("fsck")
    assert result.code == 0 and result.out.endswith("plait.db: no faults\n")


@pytest.mark.parametrize(
    "command",
    [
        ("run", SHORTEN, "--text", "a text"),
        ("run", SHORTEN, "--rows", "rows.csv"),
        ("evaluate", SHORTEN, "--data", "rows.csv"),
        ("models", "add", "model.gguf"),
        ("backup", "b.tar"),
    ],
)
def test_whatever_comes_first_makes_a_data_folder_that_others_cannot_read(
    shell: Shell, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "rows.csv").write_text("text,answer\na text,right\n")
    TinyLlama().write(tmp_path / "model.gguf")
    assert shell(*command).code == 0
    assert shell("fsck").code == 0
    folders = [path for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")) if path.is_dir()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folders)


def test_examples_are_listed_exported_removed_and_added_again(shell: Shell, tmp_path: Path) -> None:
    add("one", "two", "three")
    lines = shell("examples", SHORTEN).out.splitlines()
    assert [line.split()[:2] for line in lines] == [["1", '"three"'], ["2", '"two"'], ["3", '"one"']]
    assert shell("examples", SHORTEN, "--export", "all.jsonl").code == 0
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [row["answer"] for row in rows] == ["one", "two", "three"]
    assert shell("examples", SHORTEN, "--remove", "2").out.startswith('removed: "two"') and stored() == ["three", "one"]
    result = shell("examples", SHORTEN, "--remove", "3")
    assert result.code == 2 and "--remove 3: there are 2 examples" in result.err
    (tmp_path / "again.jsonl").write_text(json.dumps(rows[1]) + "\n")
    assert shell("correct", SHORTEN, "--rows", "again.jsonl").code == 0 and stored() == ["two", "three", "one"]


def test_a_file_that_cannot_be_written_is_reported(shell: Shell) -> None:
    add("one")
    result = shell("examples", SHORTEN, "--export", "nowhere/all.jsonl")
    assert result.code == 2 and "nowhere/all.jsonl cannot be written: No such file or directory" in result.err
