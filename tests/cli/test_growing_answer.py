"""A typed answer grows on a terminal, in place, and leaves nothing behind; elsewhere nothing is shown."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.cli.growing_answer import cut
from tests.support.running_server import run_plait
from tests.support.scripted_transport import Script, serve_script
from tests.support.terminal import run_in_terminal

DEVICES = json.dumps([{"name": "garage ceiling light", "area": "garage", "kind": "light"}])
COMMAND = ("run", "home_command", "--utterance", "light in the garage", "--devices", DEVICES)
CLEAR = re.compile(r"\x1b\[(\d+)A\x1b\[J")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)
    # Drawings are at most five a second: on a busy machine several of 50 pieces a second would be passed over.
    with serve_script(Script(pause=0.15)) as server:
        yield server.url


def drawings(screen: str) -> list[str]:
    """What was drawn one after another. Each clears exactly the lines of the one before, whose top it moves to."""
    parts = CLEAR.split(screen)
    texts, heights = parts[::2], [int(height) for height in parts[1::2]]
    assert heights == [text.count("\n") for text in texts[:-1]]
    return texts


def test_a_typed_answer_grows_and_is_cleared(url: str) -> None:
    result = run_in_terminal(*COMMAND, env={"PLAIT_URL": url})
    *growing, rest = drawings(result.screen)
    assert len(growing) > 1 and any('"device": "gar' in text and '"on"' not in text for text in growing)
    assert re.fullmatch(r"id [0-9a-f-]{25}  ·  wrong\? .*\n", rest)
    assert json.loads(result.out) == {"Switch": {"device": "garage ceiling light", "on": True}}


def test_both_streams_on_one_terminal_end_with_the_answer(url: str) -> None:
    *_, rest = drawings(run_in_terminal(*COMMAND, both=True, env={"PLAIT_URL": url}).screen)
    answer, notice = rest.rsplit("id ", 1)
    assert (
        json.loads(answer) == {"Switch": {"device": "garage ceiling light", "on": True}} and "plait correct" in notice
    )


def test_a_terminal_that_cannot_move_its_cursor_gets_one_line(url: str) -> None:
    screen = run_in_terminal(*COMMAND, env={"PLAIT_URL": url, "TERM": "dumb"}).screen
    assert "\x1b" not in screen and re.search(r"\rhome_command: \d+ characters", screen)


def test_a_pipe_gets_the_answer_alone(url: str) -> None:
    result = run_plait(*COMMAND, "--json", env={"PLAIT_URL": url})
    assert (result.out, result.err) == ('{"Switch":{"device":0,"on":true}}\n', "")


@given(st.text(), st.integers(0, 30))
def test_a_line_fits_and_holds_no_code(text: str, columns: int) -> None:
    line = cut(text, columns)
    assert len(line) <= len(text) and line.isprintable()
    assert cut(line, columns) == line


def test_a_wide_character_takes_two_columns() -> None:
    assert (
        cut("发票号码 12", 5) == "发票" and cut("e\u0301e\u0301", 1) == "e\u0301" and cut("a\x1b[2J", 3) == "a\ufffd["
    )
