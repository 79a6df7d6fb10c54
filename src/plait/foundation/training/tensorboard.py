"""Event files, which TensorBoard reads.

tensorboardX's own SummaryWriter hands events to a thread by way of a queue, and its flush does not wait for them: of
steps that were flushed before a kill, the last ones were missing now and then. Its writer of files itself is used here.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboardX.summary import scalar, text

FLUSH_INTERVAL = 10.0  # seconds until an open TensorBoard shows a step


@dataclass
class EventWriter:
    """A new event file in the folder, for the steps after `step`; of these, what earlier files hold is forgotten."""

    folder: Path
    step: int = 0
    writer: Any = field(init=False, repr=False)
    last_flush: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # Files are named by the second, and one named alike would be written over: the step tells them apart.
        self.writer = EventsWriter(str(self.folder / "events"), f".{self.step:08d}")
        if self.step:
            self.write(self.step + 1, session_log=SessionLog(status=SessionLog.START))

    def write_scalars(self, values: Mapping[str, float], step: int) -> None:
        for name, value in values.items():
            self.write(step, summary=scalar(name, value))
        if time.monotonic() - self.last_flush > FLUSH_INTERVAL:
            self.flush()

    def write_text(self, name: str, message: str, step: int) -> None:
        self.write(step, summary=text(name, message))

    def write(self, step: int, **content: object) -> None:
        self.writer.write_event(Event(wall_time=time.time(), step=step, **content))

    def flush(self) -> None:
        self.writer.flush()
        self.last_flush = time.monotonic()

    def close(self) -> None:
        self.writer.close()
