"""Progress: one line that moves on a terminal, plain lines now and then in a file."""

import io

import pytest

from plait.core import progress as module
from plait.core.progress import CountProgress, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_has_one_line_with_rate_time_left_and_failures(clock: list[float]) -> None:
    screen = Terminal()
    progress = CountProgress("echo", 400, stream=screen)
    for done in range(1, 401):
        clock[0] += 0.5
        progress.update(done, failed=done // 200)
    lines = screen.getvalue().split("\r")
    assert lines[1].startswith("echo: 1/400 rows, 2.0/s, 3 min left")
    assert lines[300].startswith("echo: 300/400 rows, 2.0/s, 50 s left, 1 failed")
    assert lines[-1].rstrip(" \n").endswith("2 failed") and screen.getvalue().count("\n") == 1


def test_a_terminal_is_updated_at_most_five_times_a_second(clock: list[float]) -> None:
    screen = Terminal()
    progress = CountProgress("echo", 10_000, stream=screen)
    for done in range(1, 1_001):
        clock[0] += 0.01
        progress.update(done)
    assert screen.getvalue().count("\r") <= 51


def test_a_file_gets_a_plain_line_at_intervals_and_the_last_one(clock: list[float]) -> None:
    file = io.StringIO()
    progress = CountProgress("echo", 100, "images", file)
    for done in range(1, 101):
        clock[0] += 1
        progress.update(done)
    assert file.getvalue().splitlines() == [
        "echo: 30/100 images, 1.0/s, 70 s left",
        "echo: 60/100 images, 1.0/s, 40 s left",
        "echo: 90/100 images, 1.0/s, 10 s left",
        "echo: 100/100 images, 1.0/s, 0 s left",
    ]


def test_short_work_writes_nothing_to_a_file(clock: list[float]) -> None:
    file = io.StringIO()
    progress = CountProgress("echo", 4, stream=file)
    clock[0] += 29
    progress.update(2)
    progress.update(4)
    assert file.getvalue() == ""


def test_without_a_total_there_is_no_time_left(clock: list[float]) -> None:
    screen = Terminal()
    clock[0] += 1
    progress = CountProgress("echo", None, stream=screen)
    clock[0] += 2
    progress.update(4)
    assert screen.getvalue() == "\recho: 4 rows, 2.0/s"


def test_a_message_is_printed_above_the_progress_line(clock: list[float]) -> None:
    screen = Terminal()
    progress = CountProgress("echo", 4, stream=screen)
    clock[0] += 1
    progress.update(1)
    progress.print_message("look")
    assert screen.getvalue().endswith("\rlook\n")


@pytest.mark.parametrize(("seconds", "text"), [(41, "41 s"), (420, "7 min"), (7_500, "2 h 05 min")])
def test_a_duration_is_written_in_seconds_minutes_or_hours(seconds: float, text: str) -> None:
    assert duration(seconds) == text
