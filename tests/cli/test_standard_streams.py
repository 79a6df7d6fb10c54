"""Every command prints to what there is: an old terminal, a closed or absent stream, an object that only writes."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.cli import main
from plait.cli.standard_streams import prepare_streams
from plait.core.progress import CountProgress, is_terminal
from plait.core.values.json_text import dumps, escape_non_ascii
from plait.service.catalog import Catalog
from tests.support.house_tasks import words_in
from tests.support.running_server import HOUSE

PROMPTS = [f"show {task.declaration.name}" for task in Catalog.built_in()]
COMMANDS = [
    "--help", "--version", "models", "show nothing", "run nothing", "run --help", "evaluate --help",
    "run home_command --help", f"run {HOUSE}:shorten --text 你好→é", f"run {HOUSE}:shorten --text 你好→é --json",
    f"run {HOUSE}:words_in --text 你好→é", f"run {HOUSE}:turn --wish 你好→é --level é", f"evaluate {HOUSE}:shorten",
    f"evaluate {HOUSE}:shorten --data rows.jsonl --model by_cutting", f"run {HOUSE}:shorten --rows rows.jsonl",
    *PROMPTS,
]  # fmt: skip


class WriteOnly:
    """A stream of an application: it has neither isatty nor flush."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_text(dumps({"text": "你好→é", "answer": "你好→é"}), "utf-8")
    return tmp_path


def run_main(monkeypatch: pytest.MonkeyPatch, command: str, encoding: str) -> tuple[int, bytes, bytes]:
    """Exit code, output and errors of the command on streams of this encoding, in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    for name, stream in zip(("stdout", "stderr"), streams, strict=True):
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setattr(sys, "argv", ["plait", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = (stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]
    return int(ended.value.code or 0), out, err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_prints_in_the_encoding_of_the_terminal(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run_main(monkeypatch, command, "utf-8")
    for encoding in ("ascii", "cp1252"):
        again = run_main(monkeypatch, command, encoding)
        assert again[0] == code
        again[1].decode(encoding), again[2].decode(encoding)  # it is in that encoding, or this raises
        assert b"Traceback" not in again[2]
        if command.startswith(("show", "run")):
            assert again[1].decode(encoding).isascii() >= out.isascii() and bool(again[1]) == bool(out)


@given(st.text())
def test_json_for_a_pipe_of_another_encoding_keeps_its_value(text: str) -> None:
    escaped = escape_non_ascii(dumps({"text": text}))
    assert escaped.isascii() and json.loads(escaped) == {"text": text}


def test_rows_in_an_old_encoding_are_json_that_every_program_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for encoding in ("ascii", "cp1252", "utf-16"):
        _, out, _ = run_main(monkeypatch, f"run {HOUSE}:shorten --rows rows.jsonl", encoding)
        assert json.loads(out.decode(encoding))["answer"] == "你好→é"


@pytest.mark.parametrize("closed", ["2>&-", "1>&-", "0<&-", "0<&- 1>&- 2>&-"])
def test_a_stream_that_the_shell_has_closed_changes_no_answer(closed: str, folder: Path) -> None:
    command = f'"{sys.executable}" -m plait run {HOUSE}:shorten --rows rows.jsonl {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=240, env=os.environ)
    assert (done.returncode, done.stderr) == (0, b"")
    if "1>" not in closed:
        assert json.loads(done.stdout) == {"row": 1, "answer": "你好→é"}
    assert not list((folder / "data" / "runs").iterdir()), "nothing was printed into another file"


def closed_stream() -> Any:
    stream = io.StringIO()
    stream.close()
    return stream


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


STREAMS: dict[str, Callable[[], Any]] = {
    "absent": lambda: None, "closed": closed_stream, "only writes": WriteOnly, "full": Full, "object": object,
    "ascii": lambda: io.TextIOWrapper(io.BytesIO(), encoding="ascii"),
}  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS.values(), ids=list(STREAMS))
def test_a_batch_is_answered_whatever_standard_error_is(
    stream: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plait.core.progress.PLAIN_INTERVAL", 0.0)
    monkeypatch.setattr(sys, "stderr", stream())
    assert words_in.batch([{"text": "你 →"}, {"text": "b"}]) == [["你", "→"], ["b"]]


def test_progress_is_written_to_an_object_that_only_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.core.progress.PLAIN_INTERVAL", 0.0)
    stream = WriteOnly()
    CountProgress("任务", 2, stream=stream).update(1)  # type: ignore[arg-type]
    assert stream.text.startswith("任务: 1/2 rows, ") and not is_terminal(stream)  # type: ignore[arg-type]
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    CountProgress("任务", 2, stream=plain).update(1)
    assert plain.buffer.getvalue().startswith(b"\\u4efb\\u52a1: 1/2 rows, ")  # type: ignore[attr-defined]


def test_streams_that_are_absent_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    prepare_streams()
    print("to nowhere", file=sys.stderr)
    print("to nowhere")
    assert sys.stdin.read() == ""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()
