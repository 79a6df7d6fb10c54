"""The log of a run that was killed and went on is that of a run that never stopped."""

import os
import signal
import sys
from pathlib import Path

import pytest

from plait.core.errors import MissingDependency, TrainingError, error_text
from plait.foundation.training.curves import curve_lines, draw_curves, log_entries
from plait.foundation.training.run_log import LOSSES_FILE, TrainingLog
from tests.support.step_metrics import probes, step_metrics

accumulating = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator", exc_type=ImportError)


def logged_steps(folder: Path, name: str = "loss") -> dict[int, float]:
    """Steps and values as TensorBoard reads them."""
    reader = accumulating.EventAccumulator(str(folder / "events"), size_guidance={"scalars": 0})
    reader.Reload()
    events = reader.Scalars(name)
    assert len({event.step for event in events}) == len(events)
    return {event.step: event.value for event in events}


def write(folder: Path, first: int, last: int, *, add: float = 0.0) -> TrainingLog:
    log = TrainingLog(folder, first - 1)
    for step in range(first, last + 1):
        log.write_step(step_metrics(step, loss=step + add, probes=probes(rank=0.5)), watt_hours=1.0)
    log.flush()
    return log


def killed_run(folder: Path, first: int, last: int) -> None:
    """A process that writes so many steps, wrongly, and one more without flushing, and is killed."""
    child = os.fork()
    if child == 0:
        log = write(folder, first, last, add=0.5)
        log.write_step(step_metrics(last + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_tensorboard_reads_every_step_and_every_name(tmp_path: Path) -> None:
    write(tmp_path, 1, 5).close()
    assert logged_steps(tmp_path) == {step: float(step) for step in range(1, 6)}
    assert logged_steps(tmp_path, "losses/boxes")[3] == 1.5
    assert logged_steps(tmp_path, "signs/rank")[3] == 0.5
    assert logged_steps(tmp_path, "speed/samples_per_second")[3] == 160.0


def test_a_resumed_run_drops_log_entries_after_its_checkpoint(tmp_path: Path) -> None:
    write(tmp_path / "unbroken", 1, 12).close()
    killed_run(tmp_path / "broken", 1, 9)
    write(tmp_path / "broken", 7, 12).close()
    read = logged_steps(tmp_path / "broken")
    assert sorted(read) == list(range(1, 13))
    assert (read[6], read[7], read[9]) == (6.5, 7.0, 9.0)


def test_flushed_entries_survive_a_kill(tmp_path: Path) -> None:
    killed_run(tmp_path, 1, 6)
    assert list(logged_steps(tmp_path))[:6] == [1, 2, 3, 4, 5, 6]
    assert [line["step"] for line in log_entries(tmp_path / LOSSES_FILE)] == [1, 2, 3, 4, 5, 6, 7]


def test_the_log_of_a_resumed_run_is_byte_equal_to_that_of_an_uninterrupted_run(tmp_path: Path) -> None:
    write(tmp_path / "unbroken", 1, 12).close()
    write(tmp_path / "broken", 1, 6).close()
    killed_run(tmp_path / "broken", 7, 9)
    with (tmp_path / "broken" / LOSSES_FILE).open("a") as lines:
        lines.write('{"step": 10, "pha')  # the kill came in the middle of a line
    write(tmp_path / "broken", 7, 12).close()
    assert (tmp_path / "broken" / LOSSES_FILE).read_bytes() == (tmp_path / "unbroken" / LOSSES_FILE).read_bytes()


def test_a_fresh_run_starts_a_new_log(tmp_path: Path) -> None:
    write(tmp_path, 1, 9).close()
    write(tmp_path, 1, 3).close()
    assert [line["step"] for line in log_entries(tmp_path / LOSSES_FILE)] == [1, 2, 3]
    assert sorted(logged_steps(tmp_path)) == [1, 2, 3]


def test_a_loss_that_is_not_finite_is_null_in_the_log(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path)
    log.write_step(step_metrics(1, loss=float("nan")))
    log.close()
    (line,) = log_entries(tmp_path / LOSSES_FILE)
    assert line["loss"] is None


def test_the_curves_of_a_run_are_drawn_with_a_panel_for_each_question(tmp_path: Path) -> None:
    from PIL import Image

    log = TrainingLog(tmp_path)
    for step in range(1, 40):
        log.write_step(step_metrics(step, losses={"boxes": 3 / step}, probes=probes(rank=0.5, noun_spread=0.1)))
    log.close()
    curves = draw_curves(tmp_path)
    assert curves == tmp_path / "curves.png"
    with Image.open(curves) as image:
        assert image.size == (1_100, 4 * 380)
        assert len(image.getcolors(2**20) or ()) > 50
    assert "matplotlib.pyplot" not in sys.modules


def test_curves_without_matplotlib_name_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 1, 3).close()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependency) as caught:
        draw_curves(tmp_path)
    message = "learning curves need the package matplotlib"
    assert error_text(caught.value) == f"MissingDependency: {message}\n  → pip install -e '.[train]'"
    assert curve_lines(tmp_path) == [f"curves.png is not written: {message}", "  → pip install -e '.[train]'"]


def test_an_empty_log_has_no_curves(tmp_path: Path) -> None:
    assert draw_curves(tmp_path) is None and not list(tmp_path.iterdir())


def test_a_log_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(TrainingError, match="cannot be written"):
        TrainingLog(tmp_path / "taken")
