"""Adapts a model to a task: examples become rows, and a process of its own trains an adapter on them.

A run has a folder, named by everything that determines its result, so the same command resumes an interrupted run and
finds a finished one.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import InputError, MissingDependency, SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.foundation.text.adapt_request import MethodConfig
from plait.foundation.text.answer_samples import Sampler
from plait.foundation.training.run_log import LOSSES_FILE
from plait.learning.adapt_plan import AdapterRun, AdaptPlan, RunPlan, runs_folder
from plait.learning.backend import Backend
from plait.learning.held_out import Split, split_examples
from plait.learning.preferences import LearnedItem, apart
from plait.learning.text_backend import TextBackend
from plait.learning.trainer_process import OnPause, ignore_pauses, run_trainer
from plait.learning.unified_backend import UnifiedBackend
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.engines.unified.config import Config as UnifiedConfig
from plait.service.models.discovery import Model, find_model, known_models

MIN_EXAMPLES = 10
LEARNED_ITEMS = {"dpo": "pairs of answers", "reward": "pairs of answers", "kto": "marked answers"}


def backend_of(model: Model) -> Backend:
    """What adapts this kind of model. Raises SettingsError for one that cannot be adapted, MissingDependency."""
    if not is_adaptable(model):
        reason = "has an adapter already" if isinstance(model.config, AdaptableTable) else "is no file of weights"
        raise SettingsError(
            f"{model.name} {reason}, so it cannot be adapted",
            hint="name a GGUF or unified model without an adapter: --model NAME",
        )
    if find_spec("torch") is None:
        raise MissingDependency("adapting a model needs the package torch", hint="pip install -e '.[train]'")
    return UnifiedBackend() if isinstance(model.config, UnifiedConfig) else TextBackend()


def check_adaptable(model: Model, declaration: Declaration) -> None:
    """Raises SettingsError if the model cannot be adapted to the task, MissingDependency."""
    backend_of(model).check(model, declaration)


def model_to_adapt(declaration: Declaration, name: str = "") -> Model:
    """The model of that name. By default the embedded one, and for a task that it cannot answer the first one that can.

    Raises ModelNotFound.
    """
    if name:
        return find_model(name, declaration=declaration)
    models = sorted(known_models(), key=lambda each: each.name != EMBEDDED)
    able = (each for each in models if is_adaptable(each) and not each.engine().can(declaration))
    return next(able, None) or find_model(EMBEDDED)


def is_adaptable(model: Model) -> bool:
    """Whether a model is a file of weights without an adapter."""
    return isinstance(model.config, AdaptableTable) and model.config.adapter is None


def plan_adaptation(
    declaration: Declaration,
    model: Model,
    examples: Iterable[Example],
    config: MethodConfig,
    preferences: Sequence[LearnedItem] = (),
    held_out_files: Sequence[Path] = (),
) -> AdaptPlan:
    """Raises InputError for too few examples, SettingsError for a model that cannot be adapted so."""
    check_adaptable(model, declaration)
    backend = backend_of(model)
    learning, folder = backend.config(model, config), runs_folder(declaration)
    fit = partial(backend.fit_example, model, declaration)
    split = split_examples(declaration, [*map(fit, examples)], folder, held_out_files)
    split = replace(split, held_out=tuple(replace(row, example=fit(row.example)) for row in split.held_out))
    if preferences:
        split, preferences = apart(declaration, split, preferences)
    check_count(declaration, split, config.method)
    return AdaptPlan(declaration, model, split, learning, tuple(preferences))


def check_count(declaration: Declaration, split: Split, method: str) -> None:
    """Raises InputError for too few examples to learn from."""
    if len(split.examples) < MIN_EXAMPLES:
        left_out = f", {split.left_out} more are held out" if split.left_out else ""
        learned = LEARNED_ITEMS.get(method, "examples")
        raise InputError(
            f"{declaration.name} has {len(split.examples)} {learned} to learn from{left_out}; {MIN_EXAMPLES} are the "
            "least",
            hint=f"plait correct {declaration.name} --rows FILE adds examples",
        )


def prepare_run(plan: RunPlan, threads: int, *, quantized: bool = False, processes: int = 1) -> AdapterRun:
    """Writes the rows and the request of a run. Raises InputError for an example that cannot be a row."""
    return backend_of(plan.model).prepare(plan, threads, quantized, processes)


def train(run: AdapterRun, on_pause: OnPause = ignore_pauses, sampler: Sampler | None = None) -> Path:
    """Trains in a process of its own, which shows its progress and pauses for answers; returns the adapter.

    A `sampler` answers prompts for it. Raises SettingsError if this run is going on elsewhere, or if it ends without an
    adapter, and what the sampler raises.
    """
    if run.is_finished:
        return run.adapter
    with run_lock(run.request.folder):
        stopped, code = None, 130
        try:
            code = run_trainer(run.request_file, on_pause, sampler, run.request.trainer)
        except KeyboardInterrupt as interrupt:
            stopped = interrupt
    if not run.is_finished:
        raise SettingsError(
            f"the run in {run.request.folder} ended with code {code} before its adapter was done",
            hint="the same command resumes it",
        ) from stopped
    if stopped is not None:
        raise stopped
    return run.adapter


def logged_losses(folder: Path) -> list[tuple[int, float]]:
    """The losses of the steps that a run has logged; a line that is being written is left out."""
    try:
        lines = (folder / LOSSES_FILE).read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    entries = [json.loads(line) for line in lines]
    return [(each["step"], each["loss"]) for each in entries if each["loss"] is not None]


def logged_steps(folder: Path) -> int:
    """The last step that a run has logged, 0 without one."""
    return next((step for step, _ in reversed(logged_losses(folder))), 0)


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """One process at a time works in a folder. Raises SettingsError in the others, which names that process."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    except BlockingIOError:
        pid = os.pread(handle, 20, 0).decode() or "?"
        raise SettingsError(
            f"another process works in {folder}: it has the number {pid}",
            hint=f"wait until it is done, or stop it: kill -INT {pid}",
        ) from None
    finally:
        os.close(handle)
