"""`plait adapt` from end to end: train an adapter, add it to the registry, judge it, promote it if the rule holds.

Every step leaves its result behind, so the same command goes on where it was interrupted, and finds a finished verdict.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from plait.core.calls import event_loop
from plait.core.engine.calibration_files import save_calibration
from plait.core.errors import SettingsError
from plait.core.progress import ProgressDisplay
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.durable_files import make_private_folder
from plait.foundation.text.adapt_request import (
    GrpoConfig,
    MethodConfig,
    RewardConfig,
    SftConfig,
    check_processes,
    chosen_lora,
    method_config,
)
from plait.foundation.text.sample_rounds import sampled_rounds, sampling_summary
from plait.learning.adapt import (
    backend_of,
    logged_steps,
    model_to_adapt,
    plan_adaptation,
    prepare_run,
    run_lock,
    train,
)
from plait.learning.adapt_options import GATE_ROWS, AdaptRequestOptions, request_options
from plait.learning.adapt_plan import AdapterRun, AdaptPlan, RunPlan, runs_folder
from plait.learning.adapt_progress import ProgressFile, recorded_progress
from plait.learning.answer_sampler import policy_sampler
from plait.learning.answering_adapter import (
    StartingAdapter,
    champion_adapter,
    served_adapter,
    started_config,
    starting_adapter,
)
from plait.learning.backend import VersionsToServe
from plait.learning.data_sources import held_out_files
from plait.learning.distill import Teacher, distilled_data
from plait.learning.evidence import Evidence, evidence_of
from plait.learning.gate import GateRule
from plait.learning.gate_run import GateInput, GateResult, run_gate, write_samples
from plait.learning.held_out import sample_rows
from plait.learning.manifest import task_project, version_of_run
from plait.learning.preferences import data_to_learn
from plait.learning.regression import TaskRows
from plait.learning.rewards import SCORE, find_reward
from plait.learning.stored_verdicts import judged_before, known_verdict
from plait.learning.text_backend import gguf_config
from plait.learning.trainer_process import training_threads
from plait.learning.verdict import GateVerdict
from plait.service.models.adapter_scope import AdapterScope, task_scope
from plait.service.models.discovery import Model
from plait.service.models.model_version import ALL, AliasState, ModelVersion
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


@dataclass(frozen=True)
class AdaptOptions:
    """How to adapt and to judge. At most `gate_rows` held-out rows are scored; without `threads` one core is left.

    Without `promote` the version stays a candidate, whatever the verdict. `reward` names the reward of sampled answers:
    the task's score, a function in a file or module, or the folder of a reward model. `quantized` keeps the frozen
    weights quantised while it trains; several `processes` share weights and rows. `from_base` trains a new adapter
    where otherwise the one that answers now is trained on.
    """

    config: MethodConfig = field(default_factory=SftConfig)
    threads: int | None = None
    gate_rows: int = GATE_ROWS
    promote: bool = True
    rule: GateRule = field(default_factory=GateRule)
    teacher: Teacher | None = None
    reward: str = SCORE
    quantized: bool = False
    processes: int = 1
    from_base: bool = False

    def __post_init__(self) -> None:
        check_processes(self.config.method, self.processes)


@dataclass(frozen=True)
class AdaptedVersion:
    """A version of a model that was adapted to a task, its verdict, and the alias that says which version answers."""

    version: ModelVersion
    verdict: GateVerdict
    alias: AliasState
    adapter: Path

    @property
    def name(self) -> str:
        """The name to ask for it: `smollm2/home_command@3`."""
        return self.version.label

    @property
    def is_promoted(self) -> bool:
        return self.alias.champion == self.version.number


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
            return adapted_by_plan(plan, (TaskRows(declaration, rows),), evidence, options, tell, progress)


def adapted_by_plan(
    plan: RunPlan,
    parts: tuple[TaskRows, ...],
    evidence: Evidence,
    options: AdaptOptions,
    tell: Callable[[str], None],
    progress: ProgressFile,
) -> AdaptedVersion:
    """Trains by a plan, judges on the rows of these tasks, and promotes if the rule holds."""
    announce(parts, evidence, options, tell)
    threads = options.threads or training_threads()
    run = prepare_run(plan, threads, quantized=options.quantized, processes=options.processes)
    start = f"; trains on from {plan.start.name}" if plan.start else ""
    tell(f"{run.size}; run {run.request.folder}{start}")
    progress.write(run=run.request.folder.name, step_tokens=run.computed_count / max(run.step_count, 1))
    adapted = judged_version(plan, run, parts, evidence, options, tell, progress)
    progress.end(state="done", version=adapted.name, promoted=adapted.is_promoted)
    return adapted


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


def announce(
    parts: tuple[TaskRows, ...], evidence: Evidence, options: AdaptOptions, tell: Callable[[str], None]
) -> None:
    """Says the rule before anything is scored, and what is held out."""
    tell(str(options.rule))
    if any(part.declaration.answer.media for part in parts):
        tell("its pictures also have to fit their own rows better than others")
    count = sum(len(part.rows) for part in parts)
    tell(f"held out: {count:,} of {evidence.available:,} rows of {evidence.source}")
    if evidence.left_out:
        tell(f"{evidence.left_out:,} examples are left out: their inputs are those of held-out rows, or nearly so")


def judged_version(
    plan: RunPlan,
    run: AdapterRun,
    parts: tuple[TaskRows, ...],
    evidence: Evidence,
    options: AdaptOptions,
    tell: Callable[[str], None],
    progress: ProgressFile,
) -> AdaptedVersion:
    """Trains what is not trained yet, judges what is not judged yet, and promotes."""
    registry = current_registry()
    sample_sha256 = write_samples(run.request.folder, parts)
    progress.watch("training", logged_steps(run.request.folder), run.step_count)
    train(run, progress.pause, policy_sampler(plan, run) if isinstance(plan, AdaptPlan) else None)
    if progress.progress.paused_seconds:
        tell(f"paused for {progress.progress.paused_seconds:,.0f} s, while answers were made")
    if isinstance(plan.config, GrpoConfig):
        tell(sampling_summary(list(sampled_rounds(run.request.folder))))
    version = version_of_run(registry, plan, run)
    alias = registry.alias(version.project, version.name, version.fingerprint)
    champion = champion_adapter(registry, plan.scope, plan.model, plan.parts[0].declaration, version)
    is_champion = alias.champion == version.number
    verdict = known_verdict(version, options.rule, sample_sha256)
    if verdict is None or not (is_champion or verdict.champion.name == (champion.name if champion else version.base)):
        candidate = served_adapter(registry, version)
        served = backend_of(plan.model).serve(VersionsToServe(plan.model, run, candidate, champion))
        earlier = judged_before(registry, version, sample_sha256) if sample_sha256 else 0
        gate = GateInput(
            plan.scope, plan.model.name, served, candidate, champion, options.rule, parts, evidence,
            len(run.parity_examples), run.request.folder, sample_sha256, earlier,
        )  # fmt: skip
        result = event_loop.run(run_gate(gate, tell, progress.watch))
        verdict = result.verdict
        registry.record_verdict(version, verdict.to_json())
        if verdict.holds and options.promote:
            keep_calibration(parts[0].declaration, result, tell)
    if verdict.holds and options.promote and alias.champion != version.number:
        reason = f"gate: {verdict.champion.ahead}"
        alias = registry.set_alias(version.project, version.name, {version.number: ALL}, reason=reason, seen=alias)
    return AdaptedVersion(version, verdict, alias, run.adapter)


def keep_calibration(declaration: Declaration, result: GateResult, tell: Callable[[str], None]) -> None:
    if result.calibration:
        tell(f"wrote {save_calibration(declaration, result.calibration)}")
