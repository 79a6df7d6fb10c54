"""Versions and aliases that were acknowledged are there after kill -9, and the data folder has no fault."""

import os
import random
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.database import current_database
from plait.storage.fsck import check
from tests.support.stored_versions import NAME, PROJECT, new_version, write_small_adapter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
Add = Callable[[ModelRegistry, Path], int]


def acknowledged_add(registry: ModelRegistry, file: Path) -> int:
    """Adds a version, names it by the alias, and returns its number."""
    version = registry.add_version(new_version(), file)
    registry.set_alias(PROJECT, NAME, {version.number: 100})
    return version.number


def early_add(registry: ModelRegistry, file: Path) -> int:
    """For the negative control: answers before anything is written."""
    number = len(registry.versions(PROJECT, NAME)) + 1
    os.write(REPORTS[0], b"%d\n" % number)
    acknowledged_add(registry, file)
    return number


REPORTS: list[int] = []


def numbers_of_killed_writer(add: Add, folder: Path, seed: int, seconds: float) -> list[int]:
    """The numbers of the versions that a writer reports before it is killed."""
    readable, writable = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        REPORTS[:] = [writable]
        registry = current_registry()
        for count in range(10_000):
            file = write_small_adapter(folder / f"{seed}.gguf", 1_000 * seed + count)
            os.write(writable, b"%d\n" % add(registry, file))
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as reports:
        first = reports.readline()
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        numbers = [int(line) for line in [first, *reports] if line.strip()]
    os.waitpid(child, 0)
    return numbers


def lost(add: Add, folder: Path, kills: int) -> tuple[set[int], set[int]]:
    """The numbers that were acknowledged, and those of them that are not there, with file and history."""
    moments = random.Random(1)
    numbers = {
        number
        for kill in range(kills)
        for number in numbers_of_killed_writer(add, folder, kill, moments.uniform(0, 0.05))
    }
    registry = current_registry()
    sound = {each.number for each in registry.versions(PROJECT, NAME) if registry.verify(each) == ""}
    named = {each.state.champion for each in registry.history(PROJECT, NAME)}
    return numbers, numbers - (sound & named)


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_writers_lose_nothing_that_they_acknowledged(tmp_path: Path, kills: int) -> None:
    numbers, missing = lost(acknowledged_add, tmp_path, kills)
    assert len(numbers) >= kills and missing == set() and check(current_database()) == []
    present = [each.number for each in current_registry().versions(PROJECT, NAME)]
    assert present == list(range(1, len(present) + 1)), "numbered without gaps"


def test_a_writer_that_acknowledges_before_it_writes_is_seen_to_lose_versions(tmp_path: Path) -> None:
    """Negative control."""
    _, missing = lost(early_add, tmp_path, 10)
    assert missing
