"""The adaptations that a server starts: each is the command `plait adapt` in a process of its own.

So the server goes on answering, and memory and threads end with the process. It ends with the server, saves a
checkpoint, and the next start of the same adaptation resumes it.
"""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from pydantic_core import to_json

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.durable_files import create, make_private_folder
from plait.learning.adapt import check_adaptable, model_to_adapt
from plait.learning.adapt_options import AdaptRequestOptions
from plait.learning.adapt_plan import runs_folder
from plait.learning.adapt_progress import PROGRESS_FILE, AdaptProgress, read_progress
from plait.learning.adapt_status import LOG_FILE, AdaptStatus, adapt_status, last_lines, lock_holder, status_of
from plait.learning.adaptation import disk_errors

GRACE = 5.0  # seconds that a server waits for its adaptations when it ends; they save a checkpoint without it as well


class AdaptJobs:
    """The processes by the folders of their tasks."""

    def __init__(self) -> None:
        self.processes: dict[Path, subprocess.Popen[bytes]] = {}

    def start(self, declaration: Declaration, options: AdaptRequestOptions) -> None:
        """Starts an adaptation, or resumes an interrupted one.

        Raises InputError while the task is being adapted, SettingsError for a model that cannot be adapted,
        ModelNotFound, MissingDependency.
        """
        model = model_to_adapt(declaration, options.model)
        check_adaptable(model, declaration)
        options = replace(options, model=model.name)
        folder = runs_folder(declaration)
        if self.is_alive(folder) or lock_holder(folder) is not None:
            raise InputError(
                f"{declaration.name} is being adapted already",
                hint=f"wait until it is done, or stop it: DELETE /v1/tasks/{declaration.name}/adapt",
            )
        with disk_errors(folder):
            make_private_folder(folder)
            now = time.time()
            first = AdaptProgress("running", started=now, updated=now, model=options.model, options=options)
            create(folder / PROGRESS_FILE, to_json(asdict(first)))
            address = shlex.split(task_address(declaration))
            command = [sys.executable, "-m", "plait", "adapt", *options.flags, "--", *address]
            with (folder / LOG_FILE).open("wb") as log:
                self.processes[folder] = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )

    def status(self, declaration: Declaration) -> AdaptStatus:
        """The state of the last adaptation. A process that ended before it wrote anything has failed."""
        folder = runs_folder(declaration)
        if self.is_alive(folder):  # also while it ends: until then no other can start
            return status_of(folder, replace(read_progress(folder), state="running"), is_locked=True)
        status, process = adapt_status(declaration), self.processes.get(folder)
        progress = status.progress
        if process is not None and progress.state == "interrupted" and process.returncode > 0:
            error = last_lines(folder) or f"the process ended with code {process.returncode}"
            return replace(status, progress=replace(progress, state="failed", error=error))
        return status

    def options_to_resume(self, declaration: Declaration) -> AdaptRequestOptions | None:
        """Those of an adaptation that was stopped or interrupted; None if there is none, or no request began it."""
        progress = self.status(declaration).progress
        return progress.options if progress.state in ("stopped", "interrupted") else None

    def stop(self, declaration: Declaration) -> None:
        """Asks the adaptation to stop; it saves a checkpoint first. Raises InputError if no server has started one."""
        folder = runs_folder(declaration)
        pid = self.processes[folder].pid if self.is_alive(folder) else lock_holder(folder)
        if pid is None:
            raise InputError(
                f"{declaration.name} is not being adapted", hint=f"plait adapt {task_address(declaration)}"
            )
        if not leads_session(pid):
            raise InputError(
                f"{declaration.name} is adapted by another program: the process {pid}", hint=f"kill -INT {pid}"
            )
        interrupt(pid)

    def close(self) -> None:
        """Stops all adaptations of this server."""
        running = [each for folder, each in self.processes.items() if self.is_alive(folder)]
        for each in running:
            interrupt(each.pid)
        deadline = time.monotonic() + GRACE
        for each in running:
            try:
                each.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:  # it goes on to its checkpoint, and somebody has to wait for it
                threading.Thread(target=each.wait, daemon=True).start()

    def is_alive(self, folder: Path) -> bool:
        process = self.processes.get(folder)
        return process is not None and process.poll() is None


def leads_session(pid: int) -> bool:
    """Whether a server started this process: those have a session of their own, so a signal reaches nothing else."""
    try:
        return pid > 0 and os.getsid(pid) == pid == os.getpgid(pid)
    except ProcessLookupError:
        return False


def interrupt(pid: int) -> None:
    """Ctrl-C for a process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGINT)
