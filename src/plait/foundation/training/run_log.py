"""Log of a run: losses.jsonl for programs and curves, event files for TensorBoard.

A resumed run continues the log from the step of its checkpoint: later lines of the killed session are removed, and
TensorBoard is instructed to discard its later events.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from plait.core.errors import TrainingError
from plait.foundation.training.step_metrics import StepMetrics
from plait.foundation.training.tensorboard import EventWriter

LOSSES_FILE = "losses.jsonl"
EVENTS_FOLDER = "events"


@dataclass
class TrainingLog:
    """Log in the folder of a run, after `step` steps; 0 for a new run."""

    folder: Path
    step: int = 0
    events: EventWriter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            truncate_after(self.folder / LOSSES_FILE, self.step)
            if not self.step:
                shutil.rmtree(self.folder / EVENTS_FOLDER, ignore_errors=True)
            self.events = EventWriter(self.folder / EVENTS_FOLDER, self.step)
        except OSError as error:
            raise self.write_error(error) from None

    def write_step(self, metrics: StepMetrics, **extra_scalars: float) -> None:
        """Logs a step.

        `extra_scalars` are values that another run would not reproduce, such as watt hours: for TensorBoard only.
        """
        scalars = {
            **metrics.scalars,
            "speed/samples_per_second": metrics.samples / max(metrics.seconds, 1e-9),
            **extra_scalars,
        }
        try:
            with (self.folder / LOSSES_FILE).open("a", encoding="utf-8") as lines:
                lines.write(metrics.json_line + "\n")
            self.events.write_scalars(scalars, metrics.step)
        except OSError as error:
            raise self.write_error(error) from None

    def write_warning(self, text: str, step: int) -> None:
        """Logs a warning, in TensorBoard beside the curves."""
        self.events.write_text("warnings", text, step)

    def flush(self) -> None:
        """Flushes the log to disk. Call it before a checkpoint: the log must not lag behind."""
        try:
            self.events.flush()
            with (self.folder / LOSSES_FILE).open("ab") as lines:
                os.fsync(lines.fileno())
        except OSError as error:
            raise self.write_error(error) from None

    def close(self) -> None:
        self.flush()
        self.events.close()

    def write_error(self, error: OSError) -> TrainingError:
        return TrainingError(
            f"the log in {self.folder} cannot be written: {error.strerror}",
            hint="free some space, or choose another folder with --out; the checkpoints are unchanged",
        )


def truncate_after(file: Path, step: int) -> None:
    """Truncates the file after the last line of a step up to this one."""
    if not file.exists():
        return
    end = 0
    with file.open("rb+") as lines:
        for line in lines:
            if not line.endswith(b"\n") or json.loads(line)["step"] > step:
                break
            end += len(line)
        lines.truncate(end)
        os.fsync(lines.fileno())
