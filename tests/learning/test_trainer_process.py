"""A trainer pauses while answers are made, goes on when they are, and is never left stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.learning.trainer_process import wait_with_pauses
from plait.service.core_budget import AnsweringMark
from tests.support.running_server import wait_until

WORK = """
import sys, time
from plait.foundation.training.processes import continue_without_parent
continue_without_parent()
file = open(sys.argv[1], "a")
for _ in range(int(sys.argv[2])):
    print("tick", file=file, flush=True)
    time.sleep(0.01)
"""


def state(pid: int) -> str:
    """`T` is stopped, `R` and `S` work or wait; `Z` or nothing has ended (man proc)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "Z"


def worker(folder: Path, ticks: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", WORK, str(folder / "ticks"), str(ticks)])
    wait_until((folder / "ticks").exists, within=60)
    return process


@pytest.fixture
def endless(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with worker(tmp_path, 10_000) as process:
        yield process
        process.kill()


def test_a_trainer_stops_while_answers_are_made_and_goes_on_afterwards(
    endless: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    reports: list[tuple[bool, float]] = []
    waiting = threading.Thread(
        target=wait_with_pauses, args=(endless, tmp_path, lambda *each: reports.append(each)), daemon=True
    )
    waiting.start()
    with AnsweringMark(tmp_path):
        wait_until(lambda: state(endless.pid) == "T", within=30)
        ticks = (tmp_path / "ticks").stat().st_size
        time.sleep(0.3)
        assert (tmp_path / "ticks").stat().st_size == ticks
    wait_until(lambda: (tmp_path / "ticks").stat().st_size > ticks, within=30)
    wait_until(lambda: bool(reports) and not reports[-1][0], within=30)
    assert any(paused for paused, _ in reports) and 0 < reports[-1][1] < 60


def test_a_trainer_that_nobody_disturbs_is_never_stopped(tmp_path: Path) -> None:
    reports: list[tuple[bool, float]] = []
    with worker(tmp_path, 30) as process:
        assert wait_with_pauses(process, tmp_path, lambda *each: reports.append(each)) == 0
    assert not reports and (tmp_path / "ticks").read_text().count("tick") == 30


SAVING = """
import pathlib, sys, time
from plait.foundation.training.interrupt import Interrupt
folder = pathlib.Path(sys.argv[1])
with Interrupt() as interrupt:
    (folder / "started").touch()
    while not interrupt.stop_requested:
        time.sleep(0.01)
    (folder / "saved").touch()
sys.exit(130)
"""
COMMAND = """
import pathlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from plait.learning.trainer_process import run_trainer
run_trainer(pathlib.Path(sys.argv[1]), module="saving_trainer")
"""


def test_a_signal_to_the_command_alone_stops_its_trainer_which_saves(tmp_path: Path) -> None:
    (tmp_path / "saving_trainer.py").write_text(SAVING)
    path = os.pathsep.join((str(tmp_path), *filter(None, (os.environ.get("PYTHONPATH"),))))
    command = [sys.executable, "-c", COMMAND, str(tmp_path)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE) as parent:
        wait_until((tmp_path / "started").exists, within=60)
        parent.send_signal(signal.SIGINT)
        assert parent.stderr and b"KeyboardInterrupt" in parent.stderr.read()
    assert (tmp_path / "saved").exists()


PARENT = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background of a script ignore it
from plait.learning.trainer_process import ignore_pauses, wait_with_pauses
process = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2] + "/ticks", "10000"])
print(process.pid, flush=True)
wait_with_pauses(process, pathlib.Path(sys.argv[2]), ignore_pauses)
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_paused_trainer_goes_on_when_its_parent_is(sent: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, WORK, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout
        trainer = int(parent.stdout.readline())
        wait_until((tmp_path / "ticks").exists, within=60)
        try:
            with AnsweringMark(tmp_path):
                wait_until(lambda: state(trainer) == "T", within=30)
                parent.send_signal(sent)
                wait_until(lambda: state(trainer) in "RS", within=30)
        finally:
            os.kill(trainer, signal.SIGKILL)
