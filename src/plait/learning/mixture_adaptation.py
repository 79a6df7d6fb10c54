"""Adapts a model to any typed task: by a mixture of many tasks, judged by others that it has not learned.

It goes the way of one task (plait.learning.adaptation). What differs is what the adapter is for, and that rows and
their scores come from several tasks.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_private_folder
from plait.foundation.text.adapt_request import MethodConfig, effective_config
from plait.learning.adapt import MIN_EXAMPLES, backend_of, run_lock
from plait.learning.adapt_plan import scope_folder
from plait.learning.adapt_progress import recorded_progress
from plait.learning.adaptation import disk_errors, start_and_config
from plait.learning.answering_adapter import StartingAdapter
from plait.learning.evidence import Evidence
from plait.learning.held_out import sample_rows
from plait.learning.judged_run import AdaptedVersion, AdaptOptions, JudgedRun
from plait.learning.mixture import TaskMixture, read_mixture
from plait.learning.regression import TaskRows
from plait.learning.rewards import Reward
from plait.learning.run_rows import RowSources, TaskPart
from plait.learning.text_backend import gguf_config
from plait.learning.training_rows import Tell
from plait.service.models.adapter_scope import ANY_TYPED_TASK, AdapterScope
from plait.service.models.discovery import Model
from plait.service.models.registry import current_registry

PARITY_ROWS = 128  # examples that server and trainer are compared on: many answers are a label of a few tokens


@dataclass(frozen=True)
class MixturePlan:
    """A plan to adapt a model to any typed task."""

    mixture: TaskMixture
    model: Model
    config: MethodConfig

    scope: AdapterScope = ANY_TYPED_TASK
    reward: Reward | None = None
    is_served: bool = True
    start: StartingAdapter | None = None

    @property
    def parts(self) -> tuple[TaskPart, ...]:
        """The tasks to learn. Server and trainer are compared on examples of as many of them as possible."""
        tasks = self.mixture.learned
        each = -(-PARITY_ROWS // len(tasks))
        compared = PARITY_ROWS // each
        return tuple(
            TaskPart(
                task.declaration, RowSources(task.examples, task.examples[: each * (number < compared)]), task.examples
            )
            for number, task in enumerate(tasks)
        )

    @property
    def facts(self) -> dict[str, JsonValue]:
        """How many tasks were learned, and the digest of their forms."""
        forms = sorted(each.declaration.fingerprint for each in self.mixture.learned)
        tasks = {"tasks": len(forms), "tasks_sha256": hashlib.sha256(" ".join(forms).encode()).hexdigest()}
        return {**tasks, **(self.start.facts if self.start else {})}


def adapt_mixture(
    folder: Path,
    evaluation: Path | None,
    installed: Sequence[Declaration],
    model: Model,
    options: AdaptOptions,
    tell: Tell,
) -> AdaptedVersion:
    """Adapts the model by the tasks of a folder, judges it by those of another one, otherwise by the seeds of the
    installed tasks, and promotes it if the rule holds.

    Raises InputError for rows that cannot be learned, SettingsError for a model that cannot be adapted or while another
    process does this.
    """
    backend_of(model)
    gguf_config(model)
    runs = scope_folder(ANY_TYPED_TASK)
    with disk_errors(runs):
        make_private_folder(runs)
        with run_lock(runs), recorded_progress(runs, model.name) as progress:
            current_registry().versions(ANY_TYPED_TASK.project)  # a newer or damaged database is refused here
            progress.watch("encoding", 0, 0)
            mixture = read_mixture(folder, evaluation, installed, tell)
            check_counts(mixture, folder)
            tell(f"{len(mixture.learned)} tasks to learn, {len(mixture.held_out)} others to judge by")
            parts = tuple(replace(each, rows=sample_rows(each.rows, options.gate_rows)) for each in mixture.held_out)
            start, config = start_and_config(options, ANY_TYPED_TASK, model, parts[0].declaration)
            plan = MixturePlan(mixture, model, effective_config(config), start=start)
            evidence = evidence_of_mixture(mixture, parts)
            return JudgedRun(plan, parts, evidence, options, tell, progress).adapted_version()


def check_counts(mixture: TaskMixture, folder: Path) -> None:
    """Raises InputError for too few examples to learn from."""
    count = sum(len(each.examples) for each in mixture.learned)
    if count < MIN_EXAMPLES:
        raise InputError(
            f"{folder} has {count} examples to learn from; {MIN_EXAMPLES} are the least", hint="add rows to rows.jsonl"
        )


def evidence_of_mixture(mixture: TaskMixture, scored: Sequence[TaskRows]) -> Evidence:
    available, count = (sum(len(each.rows) for each in rows) for rows in (mixture.held_out, scored))
    larger = ("--gate-rows scores more rows of each task: intervals get narrower",) if count < available else ()
    return Evidence(mixture.source, available, 0, hints=larger)
