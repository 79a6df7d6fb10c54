"""Adapts a model to a task: examples become token rows, and a process of its own trains an adapter on them.

A run has a folder, named by everything that determines its result, so the same command resumes an interrupted run and
finds a finished one.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from plait.core.calls import event_loop
from plait.core.config import settings
from plait.core.errors import InputError, MissingDependency, SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_private_folder
from plait.core.values.file_digest import file_sha256
from plait.foundation.text.adapt_request import (
    ADAPTER_FILE,
    PARITY_FILE,
    AdaptRequest,
    MethodConfig,
    write_request,
)
from plait.foundation.text.answer_samples import PromptRow, Sampler
from plait.foundation.text.batch_plan import config_plan, token_counts
from plait.foundation.text.likely_tokens import LikelyTokens, read_likely_tokens
from plait.foundation.text.token_row import write_token_rows
from plait.foundation.training.config import RunConfig
from plait.foundation.training.run_log import LOSSES_FILE
from plait.learning.held_out import Split, split_examples
from plait.learning.learned_rows import LearnedRow
from plait.learning.preferences import LearnedItem, Preference, apart
from plait.learning.rewards import Reward
from plait.learning.run_rows import RowSources, encode_rows, parity_candidates, planned_row
from plait.learning.trainer_process import OnPause, ignore_pauses, run_trainer
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.models.discovery import Model

MIN_EXAMPLES = 10
LEARNED_ITEMS = {"dpo": "pairs of answers", "reward": "pairs of answers", "kto": "marked answers"}
PARITY_ROWS = "parity-rows.jsonl"
HELD_OUT_ROWS = "held-out-rows.jsonl"
CHECKPOINT_EVERY = 20  # steps; one of 1,600 tokens takes 8 to 16 seconds on two cores


@dataclass(frozen=True)
class AdaptPlan:
    """What is adapted to what: the examples to learn, and the rows that are held out.

    With `preferences` these are learned, and `examples` are theirs; a reward model is measured on `held_out_pairs`.
    `teacher` is the model that answered some of the examples, `reward` rewards answers that are sampled.
    """

    declaration: Declaration
    model: Model
    split: Split
    config: MethodConfig
    preferences: tuple[LearnedItem, ...] = ()
    teacher: str = ""
    reward: Reward | None = None
    held_out_pairs: tuple[LearnedItem, ...] = ()

    @property
    def is_served(self) -> bool:
        """Whether the adapter answers, and is compared with a server. That of a reward model does not."""
        return self.config.method != "reward"

    @property
    def row_sources(self) -> RowSources:
        """What the rows of a run are made from."""
        parity = parity_candidates(self.split) if self.is_served else ()
        return RowSources(self.preferences or self.examples, parity, self.held_out_pairs)

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.split.examples

    @property
    def rejected_examples(self) -> tuple[Example, ...]:
        """The recorded answers that are to become less likely than those of the examples."""
        return tuple(each.rejected for each in self.preferences if isinstance(each, Preference) and each.is_recorded)

    @property
    def folder(self) -> Path:
        """The folder of all runs of this task in this project."""
        return runs_folder(self.declaration)


@dataclass(frozen=True)
class AdapterRun:
    """A run that is ready to start: its request, its rows, and how many tokens its steps read and compute.

    What rows of a batch share is computed once, so fewer tokens are computed than read. Server and trainer are compared
    on `parity_examples`, whose rows are in the file `request.parity_rows`. `learned_examples` are those of the rows, if
    these are examples.
    """

    request: AdaptRequest
    row_count: int
    token_count: int
    computed_count: int
    step_count: int = 0
    parity_examples: tuple[Example, ...] = ()
    learned_examples: tuple[Example, ...] = ()

    @property
    def adapter(self) -> Path:
        return self.request.folder / ADAPTER_FILE

    @property
    def request_file(self) -> Path:
        return self.request.folder / "request.json"

    @property
    def likely_tokens(self) -> LikelyTokens | None:
        """What the trainer computed of the rows of parity; None if it did not, or of other rows."""
        file, rows = self.request.folder / PARITY_FILE, self.request.parity_rows
        known = read_likely_tokens(file) if rows and file.exists() else None
        return known if known and rows and known.rows_sha256 == file_sha256(rows) else None

    @property
    def is_finished(self) -> bool:
        return self.adapter.exists() and (self.request.parity_rows is None or self.likely_tokens is not None)


def runs_folder(declaration: Declaration) -> Path:
    """The folder of the runs of a task in its project."""
    key = project_key(project_folder(declaration))
    return all_runs_folder() / key / f"{declaration.name}-{declaration.fingerprint}"


def all_runs_folder() -> Path:
    """The folder of the runs of all projects, a folder each."""
    return settings().data / "adapters"


def plan_adaptation(
    declaration: Declaration,
    model: Model,
    examples: Iterable[Example],
    config: MethodConfig,
    preferences: Sequence[LearnedItem] = (),
) -> AdaptPlan:
    """Raises InputError for too few examples, SettingsError for a model that cannot be adapted."""
    gguf_config(model)
    split = split_examples(declaration, list(examples), runs_folder(declaration))
    if preferences:
        split, preferences = apart(declaration, split, preferences)
    check_count(declaration, split, config.method)
    return AdaptPlan(declaration, model, split, config, tuple(preferences))


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


def gguf_config(model: Model) -> Config:
    """The table of a model that can be adapted. Raises SettingsError for another one, MissingDependency."""
    config = model.config
    if not isinstance(config, Config) or config.adapter is not None:
        reason = "has an adapter already" if isinstance(config, Config) else "is no GGUF file"
        raise SettingsError(
            f"{model.name} {reason}, so it cannot be adapted", hint="name a GGUF model without an adapter: --model NAME"
        )
    if find_spec("torch") is None:
        raise MissingDependency("adapting a model needs the package torch", hint="pip install -e '.[train]'")
    return config


def prepare_run(plan: AdaptPlan, threads: int, *, quantized: bool = False) -> AdapterRun:
    """Writes the rows and the request of a run. Raises InputError for an example that cannot be a row."""
    base = gguf_config(plan.model).path
    base_sha256 = file_sha256(base)
    engine = LlamaCpp(plan.model.name, base, gguf_config(plan.model).context)
    encoded = event_loop.run(encode_rows(plan.declaration, engine, plan.row_sources))
    rows = [planned_row(plan.config, row) for _, row in encoded.learned]
    folder = plan.folder / run_name(plan, base_sha256, [*rows, *encoded.held_out])
    make_private_folder(folder)
    write_token_rows(folder / "rows.jsonl", rows)
    measured = folder / (PARITY_ROWS if plan.is_served else HELD_OUT_ROWS)
    write_token_rows(measured, encoded.parity_rows if plan.is_served else encoded.held_out)
    request = AdaptRequest(
        plan.declaration.name,
        base,
        base_sha256,
        folder / "rows.jsonl",
        folder,
        plan.declaration.name,
        plan.declaration.fingerprint,
        config=plan.config,
        run=RunConfig(threads=threads, checkpoint_every=checkpoint_interval(plan.config), log_every=1),
        parity_rows=measured if plan.is_served else None,
        held_out_rows=None if plan.is_served else measured,
        reward_model=plan.reward.folder if plan.reward else None,
        quantized=quantized,
    )
    token_ids = [row.token_ids for row in rows]
    steps = len(config_plan(token_ids, plan.config))
    learned = tuple(item for item, _ in encoded.learned if isinstance(item, Example))
    counts = token_counts(token_ids, plan.config)
    run = AdapterRun(request, len(rows), *counts, steps, encoded.parity_examples, learned)
    write_request(request, run.request_file)
    return run


def checkpoint_interval(config: MethodConfig) -> int:
    """In steps. Those that learn samples take longer, and a checkpoint takes as long as for any others."""
    return CHECKPOINT_EVERY // 5 * config.steps_per_batch if config.method == "grpo" else CHECKPOINT_EVERY


def run_name(plan: AdaptPlan, base_sha256: str, rows: Sequence[LearnedRow | PromptRow]) -> str:
    """Twelve hex digits of everything that determines the adapter."""
    return hashlib.sha256(repr((base_sha256, plan.config, tuple(rows))).encode()).hexdigest()[:12]


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
            code = run_trainer(run.request_file, on_pause, sampler)
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
