"""`plait run --rows`: many rows in order, bad ones told and passed over, resumed where a run was stopped."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.running_server import HOUSE, Said, plait, until

TASK = f"{HOUSE}:shorten"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOUSE_LOG", str(tmp_path / "asked.txt"))
    return tmp_path


def asked(folder: Path) -> list[str]:
    """What the function was really asked, in its own order."""
    log = folder / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


def rows(said: Said) -> list[Any]:
    return [json.loads(line) for line in said.out.splitlines()]


def numbered(folder: Path, count: int) -> Path:
    file = folder / "messages.csv"
    file.write_text("text\n" + "".join(f"message {number} is long\n" for number in range(1, count + 1)))
    return file


def test_a_table_is_answered_in_order(folder: Path) -> None:
    with (folder / "messages.csv").open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerows([["text", "from"], ["one\nin two lines, “quoted” and long", "a"], ["zwei und mehr Worte", "b"]])
    said = plait("run", TASK, "--rows", "messages.csv")
    assert said.code == 0
    assert rows(said) == [{"row": 1, "answer": "one in two"}, {"row": 2, "answer": "zwei und mehr"}]
    assert said.err == "columns not used: from\n", "no progress where no person looks"


def test_json_lines_are_answered_in_order_and_other_columns_are_kept(folder: Path) -> None:
    lines = [{"text": f"{word} b c d", "answer": "?"} for word in ("x", "y", "z")]
    (folder / "messages.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    said = plait("run", TASK, "--rows", "messages.jsonl", "--json")
    assert (said.code, said.err) == (0, "")
    assert rows(said) == [{"row": at, "answer": f"{word} b c"} for at, word in enumerate("xyz", 1)]


def test_invalid_rows_are_reported_with_file_and_line_and_the_others_are_answered(folder: Path) -> None:
    (folder / "mixed.jsonl").write_text(
        '{"text": "good one"}\n{"txt": "x"}\n\n{"text": 5}\nnot json\n{"text": "last"}\n'
    )
    said = plait("run", TASK, "--rows", "mixed.jsonl")
    assert said.code == 1
    assert said.err == "3 of 5 rows failed; the same command tries them again\n"
    first, missing, wrong, none, last = rows(said)
    assert (first, last) == ({"row": 1, "answer": "good one"}, {"row": 5, "answer": "last"})
    assert [each["where"] for each in (missing, wrong, none)] == ["mixed.jsonl:2", "mixed.jsonl:4", "mixed.jsonl:5"]
    assert missing["error"]["details"] == ["text: is missing"]
    assert wrong["error"]["problems"] == [{"path": "text", "message": "should be a text", "value": "5"}]
    assert none["error"]["message"].startswith("mixed.jsonl:5 is not JSON")


def test_an_invalid_row_of_a_table_is_reported_with_its_first_line(folder: Path) -> None:
    (folder / "levels.csv").write_text('wish,lamps,level\n"two\nlines","[{""name"":""two""}]",5\nx,[],warm\n')
    said = plait("run", f"{HOUSE}:turn", "--rows", "levels.csv")
    good, bad = rows(said)
    assert said.code == 1 and good["answer"] == {"Turn": {"lamp": 0, "on": True}}
    assert bad["where"] == "levels.csv:4"
    assert bad["error"]["details"] == ['level: should be a number    "warm"']


def test_on_resume_only_failed_rows_are_answered_again(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n{"text": "c"}\n')
    assert plait("run", TASK, "--rows", str(file)).code == 1
    again = plait("run", TASK, "--rows", str(file))
    assert again.code == 1 and sorted(asked(folder)) == ["a", "c"]
    assert "2 of 3 rows were answered by an earlier run (--fresh answers them again)" in again.err


def test_a_killed_run_resumes_with_the_same_result(folder: Path) -> None:
    file, count = numbered(folder, 60), 60
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "run", TASK, "--rows", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOUSE_PAUSE": "0.1"},
    )
    assert process.stdout
    written = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    before = asked(folder)
    assert 20 <= len(before) < count

    said = plait("run", TASK, "--rows", str(file))
    assert said.code == 0 and f" of {count} rows were answered by an earlier run" in said.err
    assert said.out.encode().startswith(b"".join(written))
    assert rows(said) == [{"row": at, "answer": f"message {at} is"} for at in range(1, count + 1)]
    kept = int(said.err.split(" ", 1)[0])
    assert kept >= 20 and len(asked(folder)) == len(before) + count - kept, "an answered row was asked twice"

    # Done is done: the next run is a new one.
    assert plait("run", TASK, "--rows", str(file)).err == ""
    assert len(asked(folder)) == len(before) + count - kept + count


def test_fresh_discards_earlier_answers(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n')
    plait("run", TASK, "--rows", str(file))
    said = plait("run", TASK, "--rows", str(file), "--fresh")
    assert asked(folder) == ["a", "a"] and "before" not in said.err


def test_other_options_or_another_file_are_a_separate_run(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n')
    plait("run", TASK, "--rows", str(file))
    plait("run", TASK, "--rows", str(file), "--seed", "1")
    file.write_text('{"text": "a"}\n{"txt": "c"}\n')
    plait("run", TASK, "--rows", str(file))
    assert asked(folder) == ["a", "a", "a"]


def test_ctrl_c_stops_and_keeps_the_answers_so_far(folder: Path) -> None:
    file = numbered(folder, 40)
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "run", TASK, "--rows", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOUSE_PAUSE": "0.1"},
        # A shell's background jobs ignore SIGINT, and so would what they start; a person's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert b"Traceback" not in process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert " of 40 rows were answered by an earlier run" in plait("run", TASK, "--rows", str(file)).err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nowhere.csv", None, "nowhere.csv cannot be read: No such file or directory"),
        ("rows.txt", b"text\nx\n", "--rows takes a .csv or a .jsonl file, not rows.txt"),
        ("latin.csv", b"text\ngood\ncaf\xe9\n", "latin.csv:1 cannot be read: 'utf-8' codec"),
        ("quote.csv", b'text\ngood\n"half"x\n', "quote.csv:3 cannot be read: "),
    ],
)
def test_an_unreadable_file_is_reported_before_the_first_call(
    name: str, content: bytes | None, says: str, folder: Path
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    said = plait("run", TASK, "--rows", name)
    assert (said.code, said.out) == (2, "") and says in said.err and "Traceback" not in said.err
    assert asked(folder) == []


@pytest.mark.parametrize("name", ["empty.csv", "empty.jsonl"])
def test_an_empty_file_has_no_answers(name: str, folder: Path) -> None:
    (folder / name).write_text("")
    said = plait("run", TASK, "--rows", name)
    assert (said.code, said.out, said.err) == (0, "", "")


def test_a_long_text_in_a_table_is_one_value(folder: Path) -> None:
    with (folder / "long.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], ["word " * 60_000]])
    assert rows(plait("run", TASK, "--rows", "long.csv")) == [{"row": 1, "answer": "word word word"}]


def test_a_read_only_data_folder_is_reported_before_the_first_call(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    numbered(folder, 2)
    said = plait("run", TASK, "--rows", "messages.csv", env={"PLAIT_DATA": str(folder / "file" / "data")})
    assert (said.code, said.out) == (2, "")
    assert "cannot be written" in said.err and "set PLAIT_DATA to a writable folder" in said.err
    assert asked(folder) == []


def test_rows_and_a_flag_for_the_same_input_are_refused(folder: Path) -> None:
    numbered(folder, 1)
    said = plait("run", TASK, "--rows", "messages.csv", "--text", "x")
    assert said.code == 2 and "--rows cannot be combined with --text" in said.err


def test_an_error_that_affects_all_rows_ends_the_run_at_once(folder: Path) -> None:
    numbered(folder, 5)
    said = plait("run", TASK, "--rows", "messages.csv", "--model", "by_cuttin")
    assert (said.code, said.out) == (2, "") and said.err.count("did you mean by_cutting?") == 1


def test_progress_is_shown_on_a_terminal(folder: Path) -> None:
    import pty

    numbered(folder, 5)
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "run", TASK, "--rows", "messages.csv"],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    seen = b""

    def ended() -> bool:
        nonlocal seen
        try:
            seen += os.read(screen, 4_096)
        except OSError:  # the other end is closed
            return True
        return False

    until(ended, within=20)
    os.close(screen)
    assert process.wait(10) == 0 and b"shorten: 5/5 rows, " in seen
