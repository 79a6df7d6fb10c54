"""The process that trains an adapter, as its parent sees it: it pauses while answers are made, and ends with a code."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from plait.core.config import settings
from plait.foundation.text.adapt_request import AdaptRequest
from plait.foundation.text.answer_samples import Sampler, serve_samples
from plait.service.core_budget import PauseBudget, is_answering

LOOK_INTERVAL = 0.05  # seconds between looks at the mark of answers; an answer of the embedded model takes 300 or more
REPORT_INTERVAL = 1.0  # seconds between reports of a state that goes on

OnPause = Callable[[bool, float], None]  # whether it is paused now, and for how many seconds it was so far


def ignore_pauses(is_paused: bool, seconds: float) -> None:
    """The listener of a training whose pauses nobody follows."""


def training_threads() -> int:
    """The threads that a trainer uses by default: one core is left for answers, if there is more than one."""
    return max(1, (os.cpu_count() or 1) - 1)


def start_trainer(
    request_file: Path, module: str = AdaptRequest.trainer, *, samples: bool = False
) -> "subprocess.Popen[bytes]":
    """Starts the trainer of a request, whose threads sleep while they wait for each other. With `samples` it asks for
    these on pipes.

    Threads that wait in a loop take the cores from those they wait for as soon as anything else runs.
    """
    command = [sys.executable, "-m", module, str(request_file)]
    pipe = subprocess.PIPE if samples else None
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)


def run_trainer(
    request_file: Path,
    on_pause: OnPause = ignore_pauses,
    sampler: Sampler | None = None,
    module: str = AdaptRequest.trainer,
) -> int:
    """Trains to the end and returns the exit code of the process. Raises what the sampler raises.

    KeyboardInterrupt is raised when the trainer has saved a checkpoint and ended.
    """
    with start_trainer(request_file, module, samples=sampler is not None) as process:
        samples = SampleServer(process, sampler) if sampler else None
        try:
            code = wait_with_pauses(process, settings().data, on_pause)
        except KeyboardInterrupt:
            if samples:
                samples.stop()  # a round may take minutes
            process.send_signal(signal.SIGINT)  # a terminal sends it too, `kill -INT` does not; twice counts once
            process.wait()
            raise
        if samples:
            samples.join()
        return code


class SampleServer:
    """Answers a trainer's requests for samples in a thread, so that the trainer can be paused meanwhile."""

    def __init__(self, process: "subprocess.Popen[bytes]", sampler: Sampler) -> None:
        self.process, self.sampler = process, sampler
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self.serve, name="samples", daemon=True)
        self.thread.start()

    def serve(self) -> None:
        assert self.process.stdin and self.process.stdout
        try:
            serve_samples(self.process.stdout, self.process.stdin, self.sampler)
        except BaseException as error:
            self.error = error
        finally:
            self.stop()

    def stop(self) -> None:
        """Answers no more: a trainer that asks ends."""
        assert self.process.stdin
        with suppress(OSError):
            self.process.stdin.close()

    def join(self) -> None:
        """Waits for the end of the thread, after that of the trainer. Raises what the sampler raised."""
        self.thread.join()
        if self.error is not None:
            raise self.error


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
