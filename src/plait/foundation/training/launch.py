"""The door to training: `plait train` comes in here, found by entry point."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from plait.core.errors import SettingsError
from plait.foundation.training.loop import train
from plait.foundation.training.processes import (
    check_count,
    die_with_launcher,
    joined,
    quiet_when_another_fails,
    run_in_processes,
    started_by_launcher,
)
from plait.foundation.training.recipe_file import read_recipe

RUNS = Path("runs")
GONE_WITHIN = 2.0  # seconds


def launch(recipe: Path, out: Path | None, *, fresh: bool, until: int | None, weights: str = "") -> int:
    """Trains by a recipe, in this process or in as many as it asks for; the exit code. See `plait train --help`."""
    file = read_recipe(recipe).beginning_from(weights)
    folder = out or Path(file.recipe.run.out or RUNS / recipe.stem)
    if started_by_launcher():
        check_count(file.recipe.run.processes)
        die_with_launcher()
    elif file.recipe.run.processes > 1:
        arguments = ["train", str(recipe), "--out", str(folder), "--fresh" if fresh else "--resume"]
        steps = [] if until is None else ["--steps", str(until)]
        begun = ["--from", weights] if weights else []
        return run_in_processes([*arguments, *steps, *begun], file.recipe.run.processes)
    first = os.environ.get("RANK", "0") == "0"
    with (
        quiet_when_another_fails(),
        alone_in(folder) if first else nullcontext(),
        joined(file.recipe.run.processes),
    ):
        return train(file, folder, fresh=fresh, until=until)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Holds the folder for one run at a time. Raises SettingsError where another one trains there, or none can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise SettingsError(
            f"{folder} cannot be written to: {fault.strerror}", way_out="choose another folder with --out"
        ) from None
    try:
        if not locked(handle):
            raise SettingsError(
                f"another training writes to {folder}",
                way_out="wait for it, stop it, or choose another folder with --out",
            )
        yield
    finally:
        os.close(handle)


def locked(handle: int) -> bool:
    """Whether the lock could be had. One that was killed just now may take a moment to go."""
    end = time.monotonic() + GONE_WITHIN
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
