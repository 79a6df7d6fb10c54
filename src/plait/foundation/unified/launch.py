"""`plait train`, found by entry point: reads the request, starts the processes, trains the unified model."""

import fcntl
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from plait.core.errors import SettingsError
from plait.foundation.training.processes import (
    check_count,
    die_with_launcher,
    exit_on_peer_failure,
    is_launched_worker,
    process_group,
    run_in_processes,
)
from plait.foundation.training.trainer import Trainer, prepare_torch
from plait.foundation.unified.data_check import check_lines, source_lines
from plait.foundation.unified.objectives.load_balancing import BALANCE
from plait.foundation.unified.objectives.losses import LOSSES
from plait.foundation.unified.objectives.source_discovery import discover_sources, equal_weight_sources
from plait.foundation.unified.objectives.unified_objective import UnifiedObjective, trainer_config
from plait.foundation.unified.recipe import Recipe
from plait.foundation.unified.recipe_file import RecipeFile, read_recipe
from plait.foundation.unified.weights.model_lookup import load_initial_model, load_model
from plait.foundation.unified.worlds.task_items import TASKS, TEXT_TASKS

RUNS = Path("runs")
USER_DATA_RECIPE = Path(__file__).with_name("user_data.toml")  # recipe for the user's own data without a recipe
LOCK_TIMEOUT = 2.0  # seconds


@dataclass(frozen=True)
class TrainRequest:
    """Arguments of `plait train`.

    Without a recipe, the user's own data is trained with USER_DATA_RECIPE, at the shape of `weights` (size, experts and
    adapters).
    """

    recipe: Path | None
    out: Path | None
    fresh: bool
    until_step: int | None
    weights: str
    data: tuple[Path, ...]
    seconds: int | None = None
    images: Path | None = None

    @property
    def recipe_file(self) -> RecipeFile:
        """Recipe with the changes of the command line. Raises SettingsError, and InputError for invalid data."""
        if not self.recipe and not self.data:
            raise SettingsError("no recipe and no data were given", hint="name a recipe, or your own data with --data")
        file = read_recipe(self.recipe or USER_DATA_RECIPE)
        if self.weights:
            size = None if self.recipe else load_model(self.weights).size
            shape = size.overrides if size else {}
            file = file.with_recipe(model=replace(file.recipe.model, weights=self.weights, **shape))
        if self.seconds is not None:
            file = file.with_recipe(run=replace(file.recipe.run, seconds=self.seconds))
        pairs = [pair for path in self.data for pair in discover_sources(path, TEXT_TASKS, self.images)]
        sources = equal_weight_sources(pairs, self.images)
        return file.with_recipe(data=replace(file.recipe.data, source=(*file.recipe.data.source, *sources)))

    def folder(self, file: RecipeFile) -> Path:
        return self.out or Path(file.recipe.run.out or RUNS / (self.recipe or self.data[0].resolve()).stem)

    def arguments(self, folder: Path) -> list[str]:
        """Arguments of `plait` for each process: the same request."""
        options = [*([str(self.recipe)] if self.recipe else []), "--out", str(folder)]
        options += ["--fresh" if self.fresh else "--resume"]
        options += [] if self.until_step is None else ["--steps", str(self.until_step)]
        options += ["--from", self.weights] if self.weights else []
        options += [] if self.seconds is None else ["--seconds", str(self.seconds)]
        options += ["--images", str(self.images)] if self.images else []
        return ["train", *options, *(word for path in self.data for word in ("--data", str(path)))]


def launch(
    recipe: Path | None,
    out: Path | None,
    *,
    fresh: bool,
    until: int | None,
    weights: str = "",
    data: Sequence[Path] = (),
    seconds: int | None = None,
    images: Path | None = None,
    check: bool = False,
    strict: bool = False,
) -> int:
    """Trains by a recipe, in this process or in several; returns the exit code. See `plait train --help`.

    With `check` the data is read, and nothing is trained; with `strict` boxes over the edge of a picture are refused.
    """
    if check:
        print_lines(check_lines(data, TEXT_TASKS, images, strict=strict), sys.stdout)
        return 0
    request = TrainRequest(recipe, out, fresh, until, weights, tuple(data), seconds, images)
    file = request.recipe_file
    folder, processes = request.folder(file), file.recipe.run.processes
    if is_launched_worker():
        check_count(processes)
        die_with_launcher()
    else:
        print_lines(source_lines(request.data, images, strict=strict), sys.stderr)
    if processes > 1 and not is_launched_worker():
        return run_in_processes(request.arguments(folder), processes)
    is_first = os.environ.get("RANK", "0") == "0"
    with exit_on_peer_failure(), run_lock(folder) if is_first else nullcontext(), process_group(processes):
        return train(file, folder, fresh=fresh, until=until)


def print_lines(lines: Iterable[str], file: TextIO) -> None:
    for line in lines:
        print(line, file=file, flush=True)


def train(file: RecipeFile, folder: Path, *, fresh: bool, until: int | None) -> int:
    """Trains the unified model in this process; returns the exit code, 130 after Ctrl-C."""
    file.check_names(TASKS, (*LOSSES, BALANCE))
    return unified_trainer(file.recipe, folder, file.folder).run(fresh=fresh, until=until)


def unified_trainer(recipe: Recipe, folder: Path, recipe_folder: Path) -> Trainer:
    """Trainer of the unified model. `recipe_folder` is the folder that paths in the recipe are relative to."""
    device = prepare_torch(recipe.run)
    initial_model = partial(load_initial_model, recipe.model) if recipe.model.weights else None
    objective = UnifiedObjective(recipe, recipe_folder, device, initial_model)
    return Trainer(objective, trainer_config(recipe), folder, device)


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Locks the folder for one run at a time. Raises SettingsError if another run has it, or it cannot be locked."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be written to: {error.strerror}", hint="choose another folder with --out"
        ) from None
    try:
        if not try_lock(handle):
            raise SettingsError(
                f"another training is writing to {folder}",
                hint="wait for it, stop it, or choose another folder with --out",
            )
        yield
    finally:
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Tries to take the lock until LOCK_TIMEOUT: a run that was just killed may take a moment to release it."""
    end = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
