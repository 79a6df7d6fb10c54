"""`plait adapt TASK` from end to end: what is learned and what is held out, then the run with its verdict (judged_run).

Every step leaves its result behind, so the same command goes on where it was interrupted, and finds a finished verdict.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from plait.core.errors import SettingsError
from plait.core.progress import ProgressDisplay
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.durable_files import make_private_folder
from plait.foundation.text.adapt_request import (
    GrpoConfig,
    MethodConfig,
    RewardConfig,
    chosen_lora,
    method_config,
)
from plait.learning.adapt import (
    model_to_adapt,
    plan_adaptation,
    run_lock,
)
from plait.learning.adapt_options import GATE_ROWS, AdaptRequestOptions, request_options
from plait.learning.adapt_plan import AdaptPlan, runs_folder
from plait.learning.adapt_progress import recorded_progress
from plait.learning.answering_adapter import (
    StartingAdapter,
    started_config,
    starting_adapter,
)
from plait.learning.data_sources import held_out_files
from plait.learning.distill import distilled_data
from plait.learning.evidence import evidence_of
from plait.learning.held_out import sample_rows
from plait.learning.judged_run import AdaptedVersion, AdaptOptions, JudgedRun
from plait.learning.manifest import task_project
from plait.learning.preferences import data_to_learn
from plait.learning.regression import TaskRows
from plait.learning.rewards import SCORE, find_reward
from plait.learning.text_backend import gguf_config
from plait.service.models.adapter_scope import AdapterScope, task_scope
from plait.service.models.discovery import Model
from plait.service.models.registry import current_registry

DISK_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EEXIST,
)


def adapt(
    declaration: Declaration, files: Sequence[Path], model: Model, options: AdaptOptions, tell: Callable[[str], None]
) -> AdaptedVersion:
    """Adapts the model to the task by the rows of files, without any by all its examples; judges it, and promotes it if
    the rule holds.

    Raises InputError for too few or unusable examples, SettingsError for a model that cannot be adapted or while
    another process adapts the task.
    """
    if isinstance(options.config, RewardConfig):
        raise SettingsError(
            "a reward model answers nobody, so it is no version of a model",
            hint=f"plait adapt {task_address(declaration)} --method reward",
        )
    folder = runs_folder(declaration)
    with disk_errors(folder):
        make_private_folder(folder)
        with run_lock(folder), recorded_progress(folder, model.name, request_of(files, model, options)) as progress:
            current_registry().versions(task_project(declaration))  # a newer or damaged database is refused here
            progress.watch("encoding", 0, 0)
            plan = plan_of(declaration, files, model, options, tell)
            rows = sample_rows(plan.split.held_out, options.gate_rows)
            evidence = evidence_of(declaration, plan.split, rows, options.rule)
            judged = JudgedRun(plan, (TaskRows(declaration, rows),), evidence, options, tell, progress)
            return judged.adapted_version()


def request_of(files: Sequence[Path], model: Model, options: AdaptOptions) -> AdaptRequestOptions | None:
    """The request of a page that resumes this adaptation; None if only the command can that began it."""
    if options.teacher or options.reward != SCORE or options.quantized or options.processes > 1:
        return None
    config, rows = options.config, options.gate_rows
    return request_options(files, model.name, config, rows, promote=options.promote, from_base=options.from_base)


def plan_of(
    declaration: Declaration, files: Sequence[Path], model: Model, options: AdaptOptions, tell: Callable[[str], None]
) -> AdaptPlan:
    """What is learned and what is held out. A teacher is asked here."""
    teacher, config, reward = options.teacher, options.config, None
    if isinstance(config, GrpoConfig):
        reward = find_reward(declaration, options.reward, gguf_config(model).path)
        config = replace(config, reward=reward.name, reward_sha256=reward.sha256)
    if teacher:
        data = distilled_data(declaration, files, teacher, tell)
    else:
        data = data_to_learn(declaration, files, config.method, tell)
    start, config = start_and_config(replace(options, config=config), task_scope(declaration), model, declaration)
    held_out = held_out_files(declaration, files)
    plan = plan_adaptation(declaration, model, data.examples, config, data.preferences, held_out)
    return replace(plan, teacher=teacher.model if teacher else "", reward=reward, start=start)


def start_and_config(
    options: AdaptOptions, scope: AdapterScope, model: Model, declaration: Declaration
) -> tuple[StartingAdapter | None, MethodConfig]:
    """The adapter that is trained on, and the configuration with its rank and layers. Raises SettingsError."""
    start = None if options.from_base else starting_adapter(scope, model, declaration)
    return start, started_config(options.config, start, model) if start else options.config


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns errors of writing into SettingsError. What is written so far stays, and the same command goes on."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        raise SettingsError(
            f"{error.filename or folder} cannot be written: {error.strerror}",
            hint="free some space, or set PLAIT_DATA to a writable folder; the same command goes on",
        ) from None


def adapt_task(
    declaration: Declaration,
    data: Path | None,
    *,
    method: str,
    model: str | None,
    epochs: int | None,
    rank: int | None,
    gate_rows: int | None,
    promote: bool,
    from_base: bool,
) -> AdaptedVersion:
    """The part of the extension point plait.adapters that `task.adapt` calls. Messages go to standard error."""
    config = method_config(method, chosen_lora(rank), epochs=epochs or 0)
    options = AdaptOptions(config, gate_rows=gate_rows or GATE_ROWS, promote=promote, from_base=from_base)
    files = [] if data is None else [data]
    return adapt(declaration, files, model_to_adapt(declaration, model or ""), options, ProgressDisplay().print_message)
