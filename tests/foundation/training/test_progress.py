"""Progress output: one moving line on a terminal, a line at intervals in a file."""

import io

import pytest

from plait.core import progress as module
from plait.foundation.training.progress import TrainingProgress, moving_average
from tests.support.step_metrics import step_metrics


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_with_speed_losses_time_and_energy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    screen = Terminal()
    display = TrainingProgress("nano", 100, 100 * 80, screen)
    for step in range(1, 101):
        display.update(step_metrics(step), 12.34)
    display.close()
    first, last = screen.getvalue().split("\r")[1], screen.getvalue().split("\r")[-1]
    assert first.startswith("nano 1/100 joint · 160 samples/s · locate 1.50 · 50 s left · 12.3 Wh")
    assert last.startswith("nano 100/100 joint · 160 samples/s · locate 1.50 · 12.3 Wh")
    assert screen.getvalue().count("\n") == 1


def test_the_progress_line_shows_the_load_of_the_experts() -> None:
    file = io.StringIO()
    TrainingProgress("nano", 1, 80, file).update(step_metrics(1, experts={"busiest": 1.42, "idlest": 0.61}))
    assert "locate 1.50 · experts 0.61 to 1.42" in file.getvalue()


def test_the_line_does_not_wrap_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    screen = Terminal()
    TrainingProgress("nano", 100, 800, screen).update(step_metrics(1))
    assert max(len(line) for line in screen.getvalue().split("\r")) < 30


def test_a_file_gets_a_line_at_intervals_and_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    file = io.StringIO()
    display = TrainingProgress("nano", 101, 101 * 80, file)
    for step in range(1, 102):
        display.update(step_metrics(step))
        now[0] += 0.5
    steps = [line.split()[1] for line in file.getvalue().splitlines()]
    assert steps == ["1/101", "61/101", "101/101"]


def test_a_warning_is_printed_above_the_progress_line() -> None:
    screen = Terminal()
    display = TrainingProgress("nano", 10, 800, screen)
    display.update(step_metrics(1))
    display.print_message("warning: look")
    assert screen.getvalue().endswith("\rwarning: look\n")


def test_a_task_that_is_not_in_a_step_keeps_its_loss() -> None:
    assert moving_average({"ask": 1.0}, {"locate": 2.0}) == {"ask": 1.0, "locate": 2.0}
