"""The state of the last adaptation of a task, whichever process runs it, from the files that it leaves behind."""

import fcntl
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.task.declaration import Declaration
from plait.learning.adapt import logged_losses
from plait.learning.adapt_plan import all_runs_folder, runs_folder
from plait.learning.adapt_progress import AdaptProgress, read_progress

MAX_POINTS = 300  # of the loss curve
LOG_FILE = "adapt.log"


@dataclass(frozen=True)
class AdaptStatus:
    """The progress of an adaptation with what follows from it.

    `losses` are pairs of step and loss, at most MAX_POINTS; rate and time left are None where they are not known yet.
    """

    progress: AdaptProgress
    losses: tuple[tuple[int, float], ...] = ()
    tokens_per_second: float | None = None
    seconds_left: float | None = None

    @property
    def is_running(self) -> bool:
        return self.progress.state == "running"


def adapt_status(declaration: Declaration) -> AdaptStatus:
    """The state of the last adaptation of this task. A process that died leaves it `interrupted`."""
    folder = runs_folder(declaration)
    return status_of(folder, read_progress(folder), lock_holder(folder) is not None)


def status_of(folder: Path, progress: AdaptProgress, is_locked: bool) -> AdaptStatus:
    if progress.state == "running" and not is_locked:
        progress = with_changes(progress, state="interrupted")
    losses = logged_losses(folder / progress.run) if progress.run else []
    if progress.phase == "training" and losses:
        progress = with_changes(progress, done=losses[-1][0])
    per_second = rate(folder, progress)
    left = (progress.total - progress.done) / per_second if per_second else None
    is_training = progress.phase == "training"
    tokens = per_second * progress.step_tokens if per_second and is_training and progress.step_tokens else None
    return AdaptStatus(progress, thinned(losses), tokens, left)


@dataclass(frozen=True)
class RunningAdaptation:
    """A task that a process adapts a model to now, in any project of the data folder."""

    task: str
    model: str
    pid: int
    paused_seconds: float


def running_adaptations() -> list[RunningAdaptation]:
    found: list[RunningAdaptation] = []
    for lock in sorted(all_runs_folder().glob("*/*/.lock")):
        pid = lock_holder(lock.parent)
        if pid is not None:
            progress, (task, _, _) = read_progress(lock.parent), lock.parent.name.rpartition("-")
            found.append(RunningAdaptation(task, progress.model, pid, progress.paused_seconds))
    return found


def with_changes(progress: AdaptProgress, **changes: object) -> AdaptProgress:
    return AdaptProgress(**{**vars(progress), **changes})  # pyright: ignore[reportArgumentType]


def rate(folder: Path, progress: AdaptProgress) -> float | None:
    """Steps or rows per second in this phase; None before the first one of a running adaptation."""
    done = progress.done - progress.first
    if progress.state != "running" or done <= 0:
        return None
    return done / max(time.time() - progress.started, 1e-3)


def thinned(losses: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Every n-th point, and the last one."""
    step = max(1, -(-len(losses) // MAX_POINTS))
    return (*losses[:-1:step], *losses[-1:])


def lock_holder(folder: Path) -> int | None:
    """The process that adapts a task now; None if none does."""
    try:
        handle = os.open(folder / ".lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        digits = os.pread(handle, 20, 0).decode()
        return int(digits) if digits.isdecimal() else 0
    finally:
        os.close(handle)
    return None


def last_lines(folder: Path, count: int = 6) -> str:
    """The end of what the process of the last adaptation wrote."""
    try:
        text = (folder / LOG_FILE).read_text("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-count:])
