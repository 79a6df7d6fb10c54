"""The process that trains an adapter, as its parent sees it: it pauses while answers are made, and ends with a code."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from plait.core.config import settings
from plait.service.core_budget import PauseBudget, is_answering

TRAINER = "plait.foundation.text.adapt_run"
LOOK_INTERVAL = 0.05  # seconds between looks at the mark of answers; an answer of the embedded model takes 300 or more
REPORT_INTERVAL = 1.0  # seconds between reports of a state that goes on

OnPause = Callable[[bool, float], None]  # whether it is paused now, and for how many seconds it was so far


def ignore_pauses(is_paused: bool, seconds: float) -> None:
    """The listener of a training whose pauses nobody follows."""


def training_threads() -> int:
    """The threads that a trainer uses by default: one core is left for answers, if there is more than one."""
    return max(1, (os.cpu_count() or 1) - 1)


def start_trainer(request_file: Path) -> "subprocess.Popen[bytes]":
    """Starts a trainer whose threads sleep while they wait for each other.

    Threads that wait in a loop take the cores from those they wait for as soon as anything else runs.
    """
    command = [sys.executable, "-m", TRAINER, str(request_file)]
    return subprocess.Popen(command, env={"OMP_WAIT_POLICY": "passive", **os.environ})


def run_trainer(request_file: Path, on_pause: OnPause = ignore_pauses) -> int:
    """Trains to the end and returns the exit code of the process.

    Ctrl-C reaches the trainer too, which saves a checkpoint; KeyboardInterrupt is raised when it has ended.
    """
    with start_trainer(request_file) as process:
        try:
            return wait_with_pauses(process, settings().data, on_pause)
        except KeyboardInterrupt:
            process.wait()
            raise


def wait_with_pauses(process: "subprocess.Popen[bytes]", folder: Path, on_pause: OnPause) -> int:
    """Waits for the end of a process, which is stopped while answers are made; it is not stopped afterwards."""
    budget, last, reported = PauseBudget(), time.monotonic(), 0.0
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(LOOK_INTERVAL)
            now, was_paused = time.monotonic(), budget.is_paused
            is_paused = budget.step(now - last, answering=is_answering(folder))
            last = now
            if is_paused != was_paused:
                process.send_signal(signal.SIGSTOP if is_paused else signal.SIGCONT)
            if budget.paused_seconds and (is_paused != was_paused or now - reported > REPORT_INTERVAL):
                on_pause(is_paused, budget.paused_seconds)
                reported = now
    finally:
        process.send_signal(signal.SIGCONT)
