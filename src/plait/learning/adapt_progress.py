"""How far an adaptation of a task is: its process writes that to a file, which pages and other processes read.

The file stays: after a restart it says where the adaptation was interrupted, and how the last one ended.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from plait.core.errors import PlaitError, quote_exception
from plait.core.values.durable_files import create
from plait.learning.adapt_options import AdaptRequestOptions

PROGRESS_FILE = "progress.json"
WRITE_INTERVAL = 0.3  # seconds between writes of a phase
Phase = Literal["starting", "encoding", "training", "comparing", "scoring_candidate", "scoring_champion"]
State = Literal["none", "running", "interrupted", "stopped", "failed", "done"]
Watch = Callable[[Phase, int, int], None]  # the phase, how much of it is done, and how much there is to do


def unwatched(phase: Phase, done: int, total: int) -> None:
    """The watch of work that nobody follows."""


@dataclass(frozen=True)
class AdaptProgress:
    """How far an adaptation is. `started` and `updated` are Unix times; `started` that of the phase.

    `done` of `total` are steps while training, rows while scoring; `first` of them were done when the phase began. A
    step computes `step_tokens` tokens on average. `run` is the folder of the run, `version` the name of the result.
    `options` are those of a request that resumes it; None if only the command that began it can.
    `is_paused`: answers are being made now; for `paused_seconds` so far the training waited for them.
    """

    state: State = "none"
    phase: Phase = "starting"
    done: int = 0
    total: int = 0
    first: int = 0
    step_tokens: float = 0.0
    started: float = 0.0
    updated: float = 0.0
    model: str = ""
    options: AdaptRequestOptions | None = None
    run: str = ""
    version: str = ""
    promoted: bool = False
    is_paused: bool = False
    paused_seconds: float = 0.0
    error: str = ""
    hint: str = ""


class ProgressFile:
    """The file of the adaptation that this process runs."""

    def __init__(self, file: Path, progress: AdaptProgress) -> None:
        self.file, self.progress = file, progress

    def write(self, **changes: object) -> None:
        self.progress = replace(self.progress, updated=time.time(), **changes)  # pyright: ignore[reportArgumentType]
        create(self.file, to_json(asdict(self.progress)))

    def watch(self, phase: Phase, done: int, total: int) -> None:
        """Writes a new phase at once, and its progress a few times a second."""
        now, is_new = time.time(), phase != self.progress.phase
        if is_new:
            self.write(phase=phase, done=done, total=total, first=done, started=now)
        elif now - self.progress.updated >= WRITE_INTERVAL or done == total:
            self.write(done=done, total=total)

    def pause(self, is_paused: bool, seconds: float) -> None:
        """Writes that the training waits for answers, or goes on. A full disk must not end it."""
        with suppress(OSError):
            self.write(is_paused=is_paused, paused_seconds=seconds)

    def end(self, **changes: object) -> None:
        """Writes the last state. A full disk must not hide the error that ended the work."""
        with suppress(OSError):
            self.write(**changes)


@contextmanager
def recorded_progress(folder: Path, model: str, options: AdaptRequestOptions | None = None) -> Iterator[ProgressFile]:
    """The progress of the block in the folder of its task; how it ended is written as well."""
    first = AdaptProgress("running", started=time.time(), model=model, options=options)
    file = ProgressFile(folder / PROGRESS_FILE, first)
    file.write()
    try:
        yield file
    except KeyboardInterrupt:
        file.end(state="stopped")
        raise
    except PlaitError as error:
        stopped = isinstance(error.__cause__, KeyboardInterrupt)
        file.end(state="stopped") if stopped else file.end(state="failed", error=error.message, hint=error.hint)
        raise
    except Exception as error:
        file.end(state="failed", error=quote_exception(error))
        raise


def read_progress(folder: Path) -> AdaptProgress:
    """The last progress in the folder of a task; that of no adaptation if there is none, or another program's."""
    try:
        return TypeAdapter(AdaptProgress).validate_json((folder / PROGRESS_FILE).read_bytes())
    except (OSError, ValidationError):
        return AdaptProgress()
