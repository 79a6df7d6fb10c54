"""What was acknowledged is there after kill -9, with its picture, and the data folder has no fault."""

import os
import random
import signal
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from plait import Image
from plait.storage.database import current_database
from plait.storage.example_store import DatabaseStore
from plait.storage.fsck import check
from tests.support.shelf import encode_picture, shelf

SEE = '''from plait import Image, task

@task
def see(picture: Image, number: int) -> str:
    """What is number {number} in {picture}?"""
    ...
'''

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture
def see(load_source: Callable[..., Any]) -> Any:
    return load_source(SEE, "see")


def picture_of(number: int) -> Image:
    """A picture that no other number has, large enough to be a file of its own."""
    return Image(encode_picture(shelf().resize((64 + number % 500, 64 + number // 500)), "PNG"))


def acknowledged(see: Any, start: int, seconds: float) -> list[int]:
    """The numbers of the examples that a writer reports before it is killed."""
    readable, writable = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        for number in range(start, start + 10_000):
            see.examples.add(f"answer {number}", picture=picture_of(number), number=number)
            os.write(writable, b"%d\n" % number)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as reports:
        first = reports.readline()
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        numbers = [int(line) for line in [first, *reports] if line.strip()]
    os.waitpid(child, 0)
    return numbers


def lost(see: Any, kills: int) -> tuple[int, set[int]]:
    """How many examples were acknowledged by writers that were killed, and those that are not there, or otherwise."""
    moments = random.Random(1)
    numbers = [number for kill in range(kills) for number in acknowledged(see, kill * 10_000, moments.uniform(0, 0.05))]
    there = {
        example.inputs["number"]
        for example in see.examples.store
        if example.answer == f"answer {example.inputs['number']}"
        and example.inputs["picture"] == picture_of(example.inputs["number"])
    }
    return len(numbers), set(numbers) - there


def test_twenty_killed_writers_lose_nothing_that_they_acknowledged(see: Any) -> None:
    count, missing = lost(see, kills=20)
    assert count >= 20 and missing == set() and check(current_database()) == []


@pytest.mark.slow
def test_two_hundred_killed_writers_lose_nothing_that_they_acknowledged(see: Any) -> None:
    count, missing = lost(see, kills=200)
    assert count >= 200 and missing == set() and check(current_database()) == []


def test_writers_that_acknowledge_before_they_commit_are_seen_to_lose_rows(
    see: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the tests above."""
    add, waiting = DatabaseStore.add, list[Any]()

    def late_add(store: DatabaseStore, *parts: Any) -> None:
        waiting.append((store, *parts))
        if len(waiting) == 3:
            for each in waiting:
                add(*each)
            waiting.clear()

    monkeypatch.setattr(DatabaseStore, "add", late_add)
    _, missing = lost(see, kills=10)
    assert missing


def test_writers_that_do_not_wait_for_the_picture_are_seen_to_break_the_folder(
    see: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the row is committed, and its file comes later."""
    from plait.storage.file_store import FileStore

    add, waiting = FileStore.add, list[Any]()

    def late_add(store: FileStore, content: bytes) -> str:
        import hashlib

        waiting.append((store, content))
        if len(waiting) == 3:
            for each in waiting:
                add(*each)
            waiting.clear()
        return hashlib.sha256(content).hexdigest()

    monkeypatch.setattr(FileStore, "add", late_add)
    missing = next(filter(None, (lost(see, kills=10)[1] for _ in range(5))), None)
    assert missing and any("is missing" in each.fault for each in check(current_database()))
