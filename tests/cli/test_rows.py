"""`plait run --rows`: rows are answered in order, invalid ones reported and skipped; a stopped run resumes."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.running_server import HOUSE, CommandResult, run_plait, wait_until

TASK = f"{HOUSE}:shorten"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOUSE_LOG", str(tmp_path / "asked.txt"))
    return tmp_path


def recorded_calls(folder: Path) -> list[str]:
    """The inputs that the function received, in the order of its calls."""
    log = folder / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


def parse_rows(result: CommandResult) -> list[Any]:
    return [json.loads(line) for line in result.out.splitlines()]


def write_numbered_rows(folder: Path, count: int) -> Path:
    file = folder / "messages.csv"
    file.write_text("text\n" + "".join(f"message {number} is long\n" for number in range(1, count + 1)))
    return file


def test_a_table_is_answered_in_order(folder: Path) -> None:
    with (folder / "messages.csv").open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerows([["text", "from"], ["one\nin two lines, “quoted” and long", "a"], ["zwei und mehr Worte", "b"]])
    result = run_plait("run", TASK, "--rows", "messages.csv")
    assert result.code == 0
    assert parse_rows(result) == [{"row": 1, "answer": "one in two"}, {"row": 2, "answer": "zwei und mehr"}]
    assert result.err == "columns not used: from\n", "no progress where no person looks"


def test_json_lines_are_answered_in_order_and_other_columns_are_kept(folder: Path) -> None:
    lines = [{"text": f"{word} b c d", "answer": "?"} for word in ("x", "y", "z")]
    (folder / "messages.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    result = run_plait("run", TASK, "--rows", "messages.jsonl", "--json")
    assert (result.code, result.err) == (0, "")
    assert parse_rows(result) == [{"row": at, "answer": f"{word} b c"} for at, word in enumerate("xyz", 1)]


def test_invalid_rows_are_reported_with_file_and_line_and_the_others_are_answered(folder: Path) -> None:
    (folder / "mixed.jsonl").write_text(
        '{"text": "good one"}\n{"txt": "x"}\n\n{"text": 5}\nnot json\n{"text": "last"}\n'
    )
    result = run_plait("run", TASK, "--rows", "mixed.jsonl")
    assert result.code == 1
    assert result.err == "3 of 5 rows failed; the same command tries them again\n"
    first, missing, wrong, none, last = parse_rows(result)
    assert (first, last) == ({"row": 1, "answer": "good one"}, {"row": 5, "answer": "last"})
    assert [each["where"] for each in (missing, wrong, none)] == ["mixed.jsonl:2", "mixed.jsonl:4", "mixed.jsonl:5"]
    assert missing["error"]["details"] == ["text: is missing"]
    assert wrong["error"]["problems"] == [{"path": "text", "message": "should be a text", "value": "5"}]
    assert none["error"]["message"].startswith("mixed.jsonl:5 is not JSON")


def test_an_invalid_row_of_a_table_is_reported_with_its_first_line(folder: Path) -> None:
    (folder / "levels.csv").write_text('wish,lamps,level\n"two\nlines","[{""name"":""two""}]",5\nx,[],warm\n')
    result = run_plait("run", f"{HOUSE}:turn", "--rows", "levels.csv")
    good, bad = parse_rows(result)
    assert result.code == 1 and good["answer"] == {"Turn": {"lamp": 0, "on": True}}
    assert bad["where"] == "levels.csv:4"
    assert bad["error"]["details"] == ['level: should be a number    "warm"']


def test_on_resume_only_failed_rows_are_answered_again(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n{"text": "c"}\n')
    assert run_plait("run", TASK, "--rows", str(file)).code == 1
    again = run_plait("run", TASK, "--rows", str(file))
    assert again.code == 1 and sorted(recorded_calls(folder)) == ["a", "c"]
    assert "2 of 3 rows were answered by an earlier run (--fresh answers them again)" in again.err


def test_a_killed_run_resumes_with_the_same_result(folder: Path) -> None:
    file, count = write_numbered_rows(folder, 60), 60
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "run", TASK, "--rows", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOUSE_PAUSE": "0.1"},
    )
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    before = recorded_calls(folder)
    assert 20 <= len(before) < count

    result = run_plait("run", TASK, "--rows", str(file))
    assert result.code == 0 and f" of {count} rows were answered by an earlier run" in result.err
    assert result.out.encode().startswith(b"".join(lines))
    assert parse_rows(result) == [{"row": at, "answer": f"message {at} is"} for at in range(1, count + 1)]
    answered_count = int(result.err.split(" ", 1)[0])
    assert answered_count >= 20 and len(recorded_calls(folder)) == len(before) + count - answered_count, (
        "an answered row was asked twice"
    )

    # Done is done: the next run is a new one.
    assert run_plait("run", TASK, "--rows", str(file)).err == ""
    assert len(recorded_calls(folder)) == len(before) + count - answered_count + count


def test_fresh_discards_earlier_answers(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n')
    run_plait("run", TASK, "--rows", str(file))
    result = run_plait("run", TASK, "--rows", str(file), "--fresh")
    assert recorded_calls(folder) == ["a", "a"] and "before" not in result.err


def test_other_options_or_another_file_are_a_separate_run(folder: Path) -> None:
    file = folder / "some.jsonl"
    file.write_text('{"text": "a"}\n{"txt": "b"}\n')
    run_plait("run", TASK, "--rows", str(file))
    run_plait("run", TASK, "--rows", str(file), "--seed", "1")
    file.write_text('{"text": "a"}\n{"txt": "c"}\n')
    run_plait("run", TASK, "--rows", str(file))
    assert recorded_calls(folder) == ["a", "a", "a"]


def test_ctrl_c_stops_and_keeps_the_answers_so_far(folder: Path) -> None:
    file = write_numbered_rows(folder, 40)
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
    assert " of 40 rows were answered by an earlier run" in run_plait("run", TASK, "--rows", str(file)).err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nowhere.csv", None, "nowhere.csv cannot be read: No such file or directory"),
        ("rows.txt", b"text\nx\n", "--rows takes a .csv or a .jsonl file, not rows.txt"),
        ("latin.csv", b"text\ngood\ncaf\xe9\n", "latin.csv:3 cannot be read: it is not UTF-8    café"),
        ("quote.csv", b'text\ngood\n"half"x\n', "quote.csv:3 cannot be read: "),
    ],
)
def test_an_unreadable_file_is_reported_before_the_first_call(
    name: str, content: bytes | None, says: str, folder: Path
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    result = run_plait("run", TASK, "--rows", name)
    assert (result.code, result.out) == (2, "") and says in result.err and "Traceback" not in result.err
    assert recorded_calls(folder) == []


@pytest.mark.parametrize("name", ["empty.csv", "empty.jsonl"])
def test_an_empty_file_is_said_to_have_no_rows(name: str, folder: Path) -> None:
    (folder / name).write_text("")
    result = run_plait("run", TASK, "--rows", name)
    assert (result.code, result.out, result.err) == (0, "", f"{name} has no rows\n")


def test_a_table_from_excel_is_answered(folder: Path) -> None:
    content = 'text;Absender\r\n"Grüße; und mehr Worte";a\r\n'
    (folder / "Mappe1.CSV").write_text(content, "utf-8-sig", newline="")
    result = run_plait("run", TASK, "--rows", "Mappe1.CSV")
    assert parse_rows(result) == [{"row": 1, "answer": "Grüße; und mehr"}]
    assert (result.code, result.err) == (0, "columns not used: Absender\n")


@pytest.mark.parametrize("rows", [b"text,x\na b c d,1\ne,2,3\n", b'\n {"text": "a b c d"}\n{"txt": ""}\n'])
def test_rows_of_standard_input_are_answered_and_resumed(rows: bytes, folder: Path) -> None:
    result = run_plait("run", TASK, "--rows", "-", stdin=rows)
    first, bad = parse_rows(result)
    assert result.code == 1 and first == {"row": 1, "answer": "a b c"} and bad["where"] == "standard input:3"
    again = run_plait("run", TASK, "--rows", "-", stdin=rows)
    assert again.out == result.out and "1 of 2 rows were answered by an earlier run" in again.err
    assert recorded_calls(folder) == ["a b c d"]


def test_empty_standard_input_is_said_to_have_no_rows(folder: Path) -> None:
    result = run_plait("run", TASK, "--rows", "-", stdin=b"")
    assert (result.code, result.out, result.err) == (0, "", "standard input has no rows\n")


def test_a_long_text_in_a_table_is_one_value(folder: Path) -> None:
    with (folder / "long.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], ["word " * 60_000]])
    assert parse_rows(run_plait("run", TASK, "--rows", "long.csv")) == [{"row": 1, "answer": "word word word"}]


def test_a_read_only_data_folder_is_reported_before_the_first_call(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    write_numbered_rows(folder, 2)
    result = run_plait("run", TASK, "--rows", "messages.csv", env={"PLAIT_DATA": str(folder / "file" / "data")})
    assert (result.code, result.out) == (2, "")
    assert "cannot be written" in result.err and "set PLAIT_DATA to a writable folder" in result.err
    assert recorded_calls(folder) == []


def test_rows_and_a_flag_for_the_same_input_are_refused(folder: Path) -> None:
    write_numbered_rows(folder, 1)
    result = run_plait("run", TASK, "--rows", "messages.csv", "--text", "x")
    assert result.code == 2 and "--rows cannot be combined with --text" in result.err


def test_an_error_that_affects_all_rows_ends_the_run_at_once(folder: Path) -> None:
    write_numbered_rows(folder, 5)
    result = run_plait("run", TASK, "--rows", "messages.csv", "--model", "by_cuttin")
    assert (result.code, result.out) == (2, "") and result.err.count("did you mean by_cutting?") == 1


def test_progress_is_shown_on_a_terminal(folder: Path) -> None:
    import pty

    write_numbered_rows(folder, 5)
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

    wait_until(ended, within=60)
    os.close(screen)
    assert process.wait(10) == 0 and b"shorten: 5/5 rows, " in seen
