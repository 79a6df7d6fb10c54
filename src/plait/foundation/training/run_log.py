"""The log of a run: losses.jsonl for programs and curves, event files for TensorBoard.

A run that goes on from a checkpoint goes on from the log as it was then: what the killed session wrote after it is cut
off here, and TensorBoard is told to forget it.
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
    """The log in the folder of a run, after `step` steps: 0 for one that begins."""

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
        """Writes a step down. `extra_scalars` are what another run would not give again, as watt hours: for TensorBoard
        alone.
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
        """A warning, beside the curves."""
        self.events.write_text("warnings", text, step)

    def flush(self) -> None:
        """Makes sure that what was taken is on the disk: before a checkpoint, which the log must not fall short of."""
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
            hint="make room or choose another folder with --out; the checkpoints are as they were",
        )


def truncate_after(file: Path, step: int) -> None:
    """Ends the file with the last line of a step up to this one."""
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
