"""Writes answers to the database beside the calls: a bounded queue, one thread, a group of answers per transaction.

A call never waits for it. An answer is committed 50 milliseconds after its end; what the queue cannot hold is dropped
and counted in the log. While the database is locked or full, answers wait in the queue.
"""

import atexit
import logging
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from plait.core.calls.answer_log import RecordedAnswer
from plait.core.calls.transport import Call
from plait.core.config import Recording, Settings
from plait.core.engine.validation import Completed
from plait.core.errors import SettingsError
from plait.core.prompting.project import project_folder, project_key
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.service.answer_redaction import redacted
from plait.service.answer_retention import DAY, delete_old_answers

if TYPE_CHECKING:
    from plait.storage.answer_table import AnswerRow

MAX_WAITING = 2_000
MAX_BYTES = 64 * 2**20
MAX_GROUP = 500  # answers of one transaction: 10 ms on the machine of benchmarks/recording.json
LINGER = 0.02  # seconds in which a group grows; its commit takes some milliseconds more
RETRY = 1.0  # seconds until a database that is locked or full is tried again
CLOSE_TIMEOUT = 5.0  # seconds that the end of a process waits for the last group
CLOSE_RETRY = 0.05  # seconds between attempts at the end of a process
CLOSE_ATTEMPTS = 20  # that fail: another process may be creating the very same database
LOG = logging.getLogger("plait")


@dataclass(frozen=True)
class QueuedAnswer:
    """An answer on its way into a database, with what the settings said at the time of the call."""

    answer: RecordedAnswer
    project: str
    person: str
    model: str
    wording: str
    created_at: int
    recording: Recording
    place: tuple[str, Path]  # the settings `database` and `data`


class AnswerRecorder:
    """The queue and its thread, which starts with the first answer."""

    def __init__(self, max_waiting: int = MAX_WAITING, max_bytes: int = MAX_BYTES, linger: float = LINGER) -> None:
        self.max_waiting, self.max_bytes, self.linger = max_waiting, max_bytes, linger
        self.dropped = 0
        self.reset()

    def reset(self) -> None:
        """An empty queue without a thread, as in a forked child: the parent records what it has queued."""
        self.waiting: deque[QueuedAnswer] = deque()
        self.condition = Condition()
        self.size, self.pid = 0, os.getpid()
        self.is_closing = self.is_failing = False
        self.last_attempts = CLOSE_ATTEMPTS
        self.thread: Thread | None = None
        self.deleted_at: dict[tuple[str, tuple[str, Path]], float] = {}

    def add(self, call: Call, answer: RecordedAnswer, completed: Completed, config: Settings) -> None:
        """Queues the answer if the settings want it recorded. Never waits and never raises for a full queue."""
        if not config.recording.covers(call.declaration.name):
            return
        if self.pid != os.getpid():
            self.reset()
        project, wording = project_key(project_folder(call.declaration)), call.options.wording or ""
        place, moment = (config.database, config.data), time.time_ns() // 1_000
        queued = QueuedAnswer(
            answer, project, call.person, completed.model, wording, moment, config.recording, place
        )  # fmt: skip
        with self.condition:
            if len(self.waiting) >= self.max_waiting or self.size + answer.size > self.max_bytes:
                self.count_dropped(1, "more answers than the database takes")
                return
            self.waiting.append(queued)
            self.size += answer.size
            if self.thread is None:
                self.start()
            elif len(self.waiting) == 1:
                self.condition.notify_all()

    def start(self) -> None:
        self.is_closing, self.last_attempts = False, CLOSE_ATTEMPTS
        self.thread = Thread(target=self.run, name="plait-recorder", daemon=True)
        self.thread.start()
        atexit.register(self.close)

    def flush(self, timeout: float = CLOSE_TIMEOUT) -> bool:
        """Waits until everything queued so far is committed; whether it is."""
        with self.condition:
            return self.condition.wait_for(lambda: not self.waiting, timeout)

    def close(self) -> None:
        """Commits what is queued and ends the thread; what cannot be written in time is dropped and counted."""
        thread = self.thread
        if thread is None or self.pid != os.getpid():
            return
        with self.condition:
            self.is_closing = True
            self.condition.notify_all()
        thread.join(CLOSE_TIMEOUT)
        atexit.unregister(self.close)
        with self.condition:
            self.thread = None
            if self.waiting:
                self.count_dropped(len(self.waiting), "the process ends")
                self.waiting.clear()

    # ── in the thread ──

    def run(self) -> None:
        while self.wait_for_work():
            group = self.next_group()
            try:
                write_group(group)
            except SettingsError as error:
                self.pause(error)
                continue
            except Exception as error:
                self.write_singly(group, error)
            self.delete_old(group)
            self.finish(group)

    def delete_old(self, group: Sequence[QueuedAnswer]) -> None:
        """Deletes what is too old in the projects of these answers: with the first one, then once a day."""
        for project, each in {each.project: each for each in group}.items():
            if time.monotonic() - self.deleted_at.get((project, each.place), -DAY) >= DAY:
                self.deleted_at[project, each.place] = time.monotonic()
                delete_old_answers([project], each.recording.retention_days, each.place)

    def wait_for_work(self) -> bool:
        """Waits for answers, and then until a group has grown. False at the end."""
        with self.condition:
            self.condition.wait_for(lambda: self.waiting or self.is_closing)
            if self.waiting and not self.is_closing:
                self.condition.wait_for(lambda: self.is_closing, self.linger)
            return bool(self.waiting)

    def next_group(self) -> list[QueuedAnswer]:
        """The oldest answers of one database; they stay in the queue until they are committed."""
        with self.condition:
            oldest = list(islice(self.waiting, MAX_GROUP))
        _, group = next(groupby(oldest, key=lambda each: each.place))
        return list(group)

    def pause(self, error: SettingsError) -> None:
        """Waits before the next attempt; the fault is logged once. At the end of the process attempts are counted."""
        with self.condition:
            if not self.is_failing:
                LOG.warning("answers are not recorded, and wait in memory: %s", error)
            self.is_failing = True
            if not self.is_closing:
                self.condition.wait_for(lambda: self.is_closing, RETRY)
                return
            self.last_attempts -= 1
            if self.last_attempts <= 0:
                self.count_dropped(len(self.waiting), "the process ends")
                self.waiting.clear()
            self.condition.wait(CLOSE_RETRY)

    def write_singly(self, group: Sequence[QueuedAnswer], error: Exception) -> None:
        """Writes what can be written of a group with a row that the database refuses."""
        LOG.warning("an answer cannot be recorded: %s", error)
        for each in group:
            try:
                write_group([each])
            except Exception:
                with self.condition:
                    self.count_dropped(1, "it is refused by the database")

    def finish(self, group: Sequence[QueuedAnswer]) -> None:
        with self.condition:
            for _ in group:
                self.size -= self.waiting.popleft().answer.size
            if self.is_failing:
                LOG.warning("answers are recorded again; %d were dropped", self.dropped)
            self.is_failing = False
            self.condition.notify_all()

    def count_dropped(self, count: int, reason: str) -> None:
        """Counts answers that are not recorded; the log has the 1st, 10th, 100th ..., and the last ones."""
        before, self.dropped = self.dropped, self.dropped + count
        if len(str(before)) < len(str(self.dropped)) or not before or self.is_closing:
            LOG.warning("%d answers were not recorded so far: %s", self.dropped, reason)


def write_group(group: Sequence[QueuedAnswer]) -> None:
    """Writes answers of one database in one transaction. Raises SettingsError, the errors of the database."""
    from plait.storage.answer_table import insert_answers  # loads SQLAlchemy, which takes 0.2 seconds
    from plait.storage.database import database_at
    from plait.storage.schema import writing

    database = database_at(*group[0].place)
    rows = [answer_row(each) for each in group]
    with writing(database) as connection:
        insert_answers(connection, database.files, rows)


def answer_row(queued: QueuedAnswer) -> "AnswerRow":
    from plait.storage.answer_table import AnswerRow

    answer, declaration = queued.answer, queued.answer.declaration
    return AnswerRow(
        answer.id, queued.project, declaration.name, declaration.fingerprint, answer.author, queued.person,
        queued.model, queued.wording, content_text(queued), queued.created_at,
    )  # fmt: skip


def content_text(queued: QueuedAnswer) -> str:
    """The JSON of answer and inputs as it is kept: pictures as data URLs, redacted inputs as their sha256."""
    answer, hidden = queued.answer, queued.recording.redact
    if not answer.images and not any(parameter.name in hidden for parameter in answer.declaration.parameters):
        return answer.content.decode()
    pictures: dict[str, Json] = {
        name: answer.parameter(name).value_type.encode(each, NO_CONTEXT) for name, each in answer.images.items()
    }
    content = answer.content_json
    return dumps(redacted({**content, "inputs": {**content["inputs"], **pictures}}, hidden))
