"""A queue of requests in order of arrival, taken in batches."""

import threading
import time
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

MAX_BATCH_SIZE = 16  # requests that are answered together
BATCH_WAIT_SECONDS = 0.002  # seconds that a batch waits for more requests


class NumberedRequest(Protocol):
    @property
    def number(self) -> int: ...


T = TypeVar("T", bound=NumberedRequest)


class BatchQueue(Generic[T]):
    """A queue that one thread fills and another empties."""

    def __init__(self) -> None:
        self.queue: list[T] = []
        self.changed = threading.Condition()

    def add(self, request: T) -> None:
        with self.changed:
            self.queue.append(request)
            self.changed.notify()

    def drop(self, number: int) -> None:
        """Removes a waiting request; a request that is already being answered is not affected."""
        with self.changed:
            self.queue = [each for each in self.queue if each.number != number]

    def next_batch(self) -> Sequence[T]:
        """Returns the next requests: waits for the first, then BATCH_WAIT_SECONDS for more."""
        with self.changed:
            while not self.queue:
                self.changed.wait()
            deadline = time.monotonic() + BATCH_WAIT_SECONDS
            while len(self.queue) < MAX_BATCH_SIZE and (remaining := deadline - time.monotonic()) > 0:
                self.changed.wait(remaining)
            batch, self.queue = self.queue[:MAX_BATCH_SIZE], self.queue[MAX_BATCH_SIZE:]
            return batch
