"""Event files for TensorBoard.

tensorboardX's SummaryWriter passes events to a thread through a queue, and its flush does not wait for them: the last
steps before a kill were sometimes missing although flushed. Its underlying file writer is used here instead.
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
    """Writes a new event file in the folder, for the steps after `step`.

    TensorBoard discards later events of earlier files.
    """

    folder: Path
    step: int = 0
    writer: Any = field(init=False, repr=False)
    last_flush: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # File names contain the second; two with the same name would overwrite each other: the step distinguishes them.
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
