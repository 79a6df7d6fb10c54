"""Adapts a model to a task: examples become token rows, and a process of its own trains an adapter on them.

A run has a folder, named by everything that determines its result, so the same command resumes an interrupted run and
finds a finished one.
"""

import asyncio
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from plait.core.config import settings
from plait.core.errors import InputError, MissingDependency, SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_private_folder
from plait.core.values.json_text import dumps
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, SftConfig, write_request
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.config import RunConfig
from plait.learning.token_rows import token_rows
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer
from plait.service.models.discovery import Model
from plait.service.supervisor.child_process import file_sha256

MIN_EXAMPLES = 10
MAX_ROW_TOKENS = 4_096
CHECKPOINT_EVERY = 20  # steps; one of 1,600 tokens takes 8 to 16 seconds on two cores


@dataclass(frozen=True)
class AdaptPlan:
    """What is adapted to what: the examples to learn, and those that were left out since they are held out."""

    declaration: Declaration
    model: Model
    examples: tuple[Example, ...]
    held_out_count: int
    config: SftConfig

    @property
    def folder(self) -> Path:
        """The folder of all runs of this task in this project."""
        key = project_key(project_folder(self.declaration))
        return settings().data / "adapters" / key / f"{self.declaration.name}-{self.declaration.fingerprint}"


@dataclass(frozen=True)
class AdapterRun:
    """A run that is ready to start: its request, and how many rows and tokens it reads in each epoch."""

    request: AdaptRequest
    row_count: int
    token_count: int

    @property
    def adapter(self) -> Path:
        return self.request.folder / ADAPTER_FILE

    @property
    def request_file(self) -> Path:
        return self.request.folder / "request.json"


def plan_adaptation(
    declaration: Declaration, model: Model, examples: Iterable[Example], config: SftConfig
) -> AdaptPlan:
    """Raises InputError for too few examples, SettingsError for a model that cannot be adapted."""
    gguf_config(model)
    held_out = {inputs_key(declaration, each) for each in held_out_examples(declaration)}
    given = list(examples)
    usable = tuple(each for each in given if inputs_key(declaration, each) not in held_out)
    if len(usable) < MIN_EXAMPLES:
        left_out = f", {len(given) - len(usable)} more are held out" if len(usable) < len(given) else ""
        raise InputError(
            f"{declaration.name} has {len(usable)} examples to learn from{left_out}; {MIN_EXAMPLES} are the least",
            hint=f"plait correct {declaration.name} --rows FILE adds examples",
        )
    return AdaptPlan(declaration, model, usable, len(given) - len(usable), config)


def held_out_examples(declaration: Declaration) -> Iterator[Example]:
    """What the task is scored on; without held-out files nothing is."""
    examples = Examples(declaration)
    return examples.unshown if examples.held_out_files else iter(())


def inputs_key(declaration: Declaration, example: Example) -> str:
    """Equal for examples with the same inputs."""
    return dumps(declaration.inputs_to_json(example.inputs))


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


def prepare_run(plan: AdaptPlan, threads: int) -> AdapterRun:
    """Writes the rows and the request of a run. Raises InputError for an example that cannot be a row."""
    base = gguf_config(plan.model).path
    base_sha256 = file_sha256(base)
    rows = asyncio.run(encode_examples(plan))
    folder = plan.folder / run_name(plan, base_sha256, rows)
    make_private_folder(folder)
    write_token_rows(folder / "rows.jsonl", rows)
    request = AdaptRequest(
        plan.declaration.name,
        base,
        base_sha256,
        folder / "rows.jsonl",
        folder,
        plan.declaration.name,
        plan.declaration.fingerprint,
        config=plan.config,
        run=RunConfig(threads=threads, checkpoint_every=CHECKPOINT_EVERY),
    )
    run = AdapterRun(request, len(rows), sum(len(row.token_ids) for row in rows))
    write_request(request, run.request_file)
    return run


async def encode_examples(plan: AdaptPlan) -> list[TokenRow]:
    """The rows, without those whose whole answer the grammar forces: they have no loss."""
    config = gguf_config(plan.model)
    engine = LlamaCpp(plan.model.name, config.path, config.context)
    limit = min(config.context, MAX_ROW_TOKENS)
    try:
        rows = token_rows(plan.declaration, plan.examples, engine, LlamaRowTokenizer(engine), max_tokens=limit)
        return [row async for row in rows if row.learned]
    finally:
        await engine.aclose()


def run_name(plan: AdaptPlan, base_sha256: str, rows: Sequence[TokenRow]) -> str:
    """Twelve hex digits of everything that determines the adapter."""
    return hashlib.sha256(repr((base_sha256, plan.config, tuple(rows))).encode()).hexdigest()[:12]


def train(run: AdapterRun) -> Path:
    """Trains in a process of its own, which shows its progress; returns the adapter.

    Raises SettingsError if this run is going on elsewhere, or if it ends without an adapter.
    """
    if run.adapter.exists():
        return run.adapter
    with run_lock(run.request.folder):
        command = [sys.executable, "-m", "plait.foundation.text.adapt_run", str(run.request_file)]
        with subprocess.Popen(command) as process:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                code = process.wait()  # it got the signal as well, and saves a checkpoint
    if not run.adapter.exists():
        raise SettingsError(
            f"the run in {run.request.folder} ended with code {code} before its adapter was done",
            hint="the same command resumes it",
        )
    return run.adapter


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """One process at a time works on a run. Raises SettingsError in the others."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SettingsError(f"another process works on the run in {folder}", hint="wait until it is done") from None
    finally:
        os.close(handle)
